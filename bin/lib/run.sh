# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Long commands of a script that has to answer signals, and the traps for them.

child=''

# run COMMAND...: in the background, so that a signal to the script is not kept waiting until it ends.
run() {
  local rc=0
  "$@" < /dev/null &
  child=$!
  wait "$child" || rc=$?
  child=''
  return "$rc"
}

# end_child: for the script's end; terminates the command that run has begun, and waits for it.
end_child() {
  if [[ -n $child ]] && kill -TERM "$child" 2> /dev/null; then
    wait "$child" || true
  fi
}

# at_end FUNCTION: calls it with the exit code whatever ends the script; it has to exit.
at_end() {
  # shellcheck disable=SC2064 # expanded now, on purpose
  trap "_ending $1" EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# shellcheck disable=SC2317 # called by the trap
_ending() {
  local rc=$?
  trap - EXIT
  trap '' INT TERM HUP
  end_child
  "$1" "$rc"
}
