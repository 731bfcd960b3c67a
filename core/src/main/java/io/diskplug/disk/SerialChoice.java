// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import io.diskplug.domain.DiskBus;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.model.GuestSerial;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which serial the guest sees. A choice counts when a disk is attached; a disk that is attached
 * keeps the serial that it has. Immutable.
 */
public final class SerialChoice {

  /**
   * The volume id. On the virtio bus a guest sees its first 20 bytes. On the SCSI bus an attach
   * with an id of more than 36 characters is rejected, because QEMU 9.1 and later refuse it.
   */
  public static final SerialChoice ID = new SerialChoice(false, Optional.empty());

  /**
   * The volume id where the guest sees all of it (20 characters on the virtio bus, 36 on the SCSI
   * bus), else {@link VolumeRef#derivedSerial()}.
   */
  public static final SerialChoice DERIVED = new SerialChoice(true, Optional.empty());

  /** What libvirt takes and udev leaves as it is. */
  private static final Pattern SERIAL = Pattern.compile("[A-Za-z0-9_.+-]{1,36}");

  private final boolean derived;
  private final Optional<String> text;

  private SerialChoice(boolean derived, Optional<String> text) {
    this.derived = derived;
    this.text = text;
  }

  /**
   * A serial of the caller's. The caller gives it with each attach of the volume: a request that
   * asks for another one is a conflict.
   *
   * @param serial 1 to 36 of the characters A-Z, a-z, 0-9, '_', '.', '+' and '-'; at most 20 on the
   *     virtio bus, which is checked when a disk gets the choice
   * @throws IllegalArgumentException if it has other characters, or more than 36
   */
  public static SerialChoice own(String serial) {
    if (!SERIAL.matcher(serial).matches()) {
      throw new IllegalArgumentException(
          "serial \"" + serial + "\" is not 1 to 36 characters of A-Z a-z 0-9 _ . + -");
    }
    return new SerialChoice(false, Optional.of(serial));
  }

  /**
   * The serial of a disk.
   *
   * @param volume the volume
   * @param bus the bus that the guest sees the disk on
   * @throws IllegalArgumentException if a serial of the caller's is longer than the guest sees on
   *     this bus
   */
  public String serial(VolumeRef volume, DiskBus bus) {
    requireRoom(bus);
    return text.orElseGet(
        () ->
            !derived || GuestSerial.isWhole(bus, volume.id())
                ? volume.id()
                : volume.derivedSerial());
  }

  /**
   * Checks that the choice can be had on a bus.
   *
   * @param bus the bus that the guest sees the disk on
   * @throws IllegalArgumentException if a serial of the caller's is longer than the guest sees on
   *     this bus
   */
  public void requireRoom(DiskBus bus) {
    if (text.isPresent() && !GuestSerial.isWhole(bus, text.get())) {
      throw new IllegalArgumentException(
          "serial \""
              + text.get()
              + "\" has "
              + text.get().length()
              + " characters, and a guest sees "
              + GuestSerial.room(bus)
              + " on the "
              + bus.xmlName()
              + " bus");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SerialChoice choice
        && derived == choice.derived
        && text.equals(choice.text);
  }

  @Override
  public int hashCode() {
    return Objects.hash(derived, text);
  }

  @Override
  public String toString() {
    return text.map(own -> "\"" + own + "\"").orElse(derived ? "derived" : "id");
  }
}
