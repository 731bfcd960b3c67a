// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

/**
 * The block sizes that a guest is told, libvirt's {@code <blockio>}. Both are always sent: QEMU
 * takes a physical size that is missing for 512, and refuses it beside a larger logical one.
 *
 * <p>The limits are those of QEMU 7.2 ({@code MIN_BLOCK_SIZE} and {@code MAX_BLOCK_SIZE}); an older
 * one may refuse more than 32768, and the attach is rejected then. A guest has limits of its own:
 * many want no logical size above 4096.
 *
 * @param logical the smallest unit that the guest can read and write, in bytes
 * @param physical the unit that the storage works in, in bytes
 */
public record BlockSizes(int logical, int physical) {

  private static final int LEAST = 512;
  private static final int MOST = 2 << 20;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is not a power of two from 512 to 2 MiB, or the
   *     physical size is below the logical one
   */
  public BlockSizes {
    check("logical", logical);
    check("physical", physical);
    if (physical < logical) {
      throw new IllegalArgumentException(
          "physical_block_size " + physical + " is below logical_block_size " + logical);
    }
  }

  /**
   * A logical and a physical size that are the same.
   *
   * @param bytes the size in bytes
   */
  public static BlockSizes of(int bytes) {
    return new BlockSizes(bytes, bytes);
  }

  private static void check(String which, int bytes) {
    if (bytes < LEAST || bytes > MOST || Integer.bitCount(bytes) != 1) {
      throw new IllegalArgumentException(
          which + "_block_size " + bytes + " is not a power of two from 512 to 2097152");
    }
  }
}
