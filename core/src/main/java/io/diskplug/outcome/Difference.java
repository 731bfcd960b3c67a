// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.View;

/**
 * A field in which a disk is not as it was asked for.
 *
 * @param view the view it was observed in
 * @param field the field, by libvirt's name where it has one
 * @param expected the value asked for; {@code absent} if none
 * @param found the value observed; {@code absent} if none
 */
public record Difference(View view, String field, String expected, String found) {

  /** How the absence of a value is written. */
  public static final String ABSENT = "absent";

  @Override
  public String toString() {
    return view + " " + field + ": expected " + expected + ", found " + found;
  }
}
