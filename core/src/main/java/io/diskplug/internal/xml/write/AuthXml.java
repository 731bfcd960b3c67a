// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import org.jspecify.annotations.Nullable;

/** The {@code <auth>} element: a user, and the libvirt secret that holds the key. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class AuthXml {
  /** The user. */
  @XmlAttribute public @Nullable String username;

  /** The libvirt secret; never the key itself. */
  @XmlElement public @Nullable SecretXml secret;

  /** Made empty; the fields are filled in afterwards. */
  public AuthXml() {}

  static AuthXml of(String username, SecretXml secret) {
    AuthXml auth = new AuthXml();
    auth.username = username;
    auth.secret = secret;
    return auth;
  }
}
