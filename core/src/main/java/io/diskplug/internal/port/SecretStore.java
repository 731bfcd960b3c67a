// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.port;

import io.diskplug.disk.SecretUsage;
import io.diskplug.internal.fault.FaultException;
import java.util.Optional;
import java.util.UUID;

/**
 * The secrets of a {@link HypervisorPort}. Every call may block for as long as the daemon likes,
 * and is bounded by its caller. Safe for use by several threads.
 *
 * <p>A call that fails may have had its effect all the same. No exception has a value.
 */
public interface SecretStore {

  /**
   * The secret for a usage ({@code virSecretLookupByUsage}).
   *
   * @param usage the type and the name
   * @return its UUID; empty if there is none
   * @throws FaultException if the daemon cannot say
   */
  Optional<UUID> find(SecretUsage usage) throws FaultException;

  /**
   * What a secret is, without its value ({@code virSecretLookupByUUIDString}, {@code
   * virSecretGetXMLDesc}).
   *
   * @param secret its UUID
   * @return the {@code <secret>} element; empty if there is none
   * @throws FaultException if the daemon cannot say
   */
  Optional<String> xml(UUID secret) throws FaultException;

  /**
   * Defines a secret, or defines anew the one that has its UUID, whose value stays ({@code
   * virSecretDefineXML}).
   *
   * @param secretXml the {@code <secret>} element
   * @throws FaultException if libvirt reports an error
   */
  void define(String secretXml) throws FaultException;

  /**
   * Gives a secret a value ({@code virSecretSetValue}).
   *
   * @param secret its UUID
   * @param value the value, which is not changed; copies of it are overwritten with zeros
   * @throws FaultException if libvirt reports an error
   */
  void setValue(UUID secret, byte[] value) throws FaultException;

  /**
   * Removes a secret and its value, whether a disk needs it or not ({@code virSecretUndefine}).
   *
   * @param secret its UUID
   * @return whether there was one
   * @throws FaultException if libvirt reports an error
   */
  boolean remove(UUID secret) throws FaultException;
}
