# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Labs that a script brings up and takes down. Needs ROOT.

lab() {
  bash "$ROOT/bin/lab" "$@"
}

# take_down_labs_in DIR: each lab that has its directory in DIR: tests that are cut short leave
# theirs.
take_down_labs_in() {
  local mark rc=0
  for mark in "$1"/*/.diskplug-lab; do
    if [[ -e $mark ]]; then
      lab --dir "${mark%/*}" down || rc=1
    fi
  done
  return "$rc"
}
