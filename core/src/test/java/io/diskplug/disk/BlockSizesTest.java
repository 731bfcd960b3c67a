// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.internal.xml.write.Written;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockSizesTest {

  @ParameterizedTest
  @CsvSource({"512, 512", "512, 4096", "4096, 4096", "512, 2097152", "2097152, 2097152"})
  void powersOfTwoAreTaken(int logical, int physical) {
    BlockSizes sizes = new BlockSizes(logical, physical);

    assertThat(Written.blockSizes(sizes).logicalBlockSize).isEqualTo(logical);
    assertThat(Written.blockSizes(sizes).physicalBlockSize).isEqualTo(physical);
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -512, 0, 1, 256, 511, 513, 1536, 4194304})
  void whatIsNoPowerOfTwoInTheRangeIsNamed(int bytes) {
    assertThatThrownBy(() -> BlockSizes.of(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("logical_block_size " + bytes + " is not a power of two");
    assertThatThrownBy(() -> new BlockSizes(512, bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("physical_block_size " + bytes + " is not a power of two");
  }

  @Test
  void aPhysicalSizeBelowTheLogicalOneIsRefused() {
    assertThatThrownBy(() -> new BlockSizes(4096, 512))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("physical_block_size 512 is below logical_block_size 4096");
  }
}
