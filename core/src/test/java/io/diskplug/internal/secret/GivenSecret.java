// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.secret;

import io.diskplug.disk.SecretUsage;
import io.diskplug.spi.SecretSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A secret with a value that is given out in arrays which can be looked at afterwards. */
final class GivenSecret implements SecretSource {

  private final SecretUsage usage;
  private final Optional<UUID> uuid;
  private final boolean ephemeral;
  private final byte[] master;
  private final List<byte[]> givenOut;

  private GivenSecret(
      SecretUsage usage,
      Optional<UUID> uuid,
      boolean ephemeral,
      byte[] master,
      List<byte[]> givenOut) {
    this.usage = usage;
    this.uuid = uuid;
    this.ephemeral = ephemeral;
    this.master = master;
    this.givenOut = givenOut;
  }

  static GivenSecret of(SecretUsage usage, byte... value) {
    return new GivenSecret(
        usage,
        Optional.empty(),
        false,
        value.clone(),
        Collections.synchronizedList(new ArrayList<>()));
  }

  GivenSecret as(UUID newUuid) {
    return new GivenSecret(usage, Optional.of(newUuid), ephemeral, master, givenOut);
  }

  GivenSecret inMemory() {
    return new GivenSecret(usage, uuid, true, master, givenOut);
  }

  @Override
  public SecretUsage usage() {
    return usage;
  }

  @Override
  public Optional<UUID> uuid() {
    return uuid;
  }

  @Override
  public boolean ephemeral() {
    return ephemeral;
  }

  @Override
  public byte[] value() {
    byte[] value = master.clone();
    givenOut.add(value);
    return value;
  }

  /** Whether it was given out, and every array of it is zeros now. */
  boolean isWiped() {
    return !givenOut.isEmpty()
        && givenOut.stream().allMatch(array -> Arrays.equals(array, new byte[array.length]));
  }
}
