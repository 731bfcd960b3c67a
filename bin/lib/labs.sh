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

# keep_lab_logs TO: copies the logs of the lab in DISKPLUG_LAB_DIR, which is about to go. Keys are not
# among them.
keep_lab_logs() {
  local from=$DISKPLUG_LAB_DIR file
  # Where a full disk or a log that vanishes must not end the caller: it has a lab to take down.
  mkdir -p "$1" || return 0
  for file in "$from"/log/* "$from"/guest/*.console "$from"/home/cache/libvirt/qemu/log/*.log; do
    if [[ -s $file ]]; then
      cp "$file" "$1/" || true
    fi
  done
}
