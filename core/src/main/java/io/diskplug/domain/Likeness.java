// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/** What can be told of whether a source in a view is the storage of an identity. */
enum Likeness {
  /** It is this storage, under whichever of its names. */
  SAME,
  /** It cannot be told, and its name contains that of the storage. */
  SUSPECT,
  /** It cannot be told: a front of anything, or a path that can be a name of anything. */
  UNTOLD,
  /** It is another storage. */
  OTHER
}
