// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

/** What must hold, whatever happens. */
enum Promise {
  S1("one attachment"),
  S2("no double use"),
  S3("Attached is verified"),
  S4("Detached is verified"),
  S5("the right disk"),
  S6("convergence"),
  S7("secrets stay secret"),
  S8("bounded"),
  CHANGED("Changed is verified"),
  API("no exception, no death of its own");

  private final String text;

  Promise(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return this == API || this == CHANGED ? text : name() + " " + text;
  }
}
