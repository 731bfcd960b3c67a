# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Messages for people: everything goes to stderr, so that stdout stays free for answers.

say_started=${EPOCHREALTIME/[^0-9]/}
say_name=${0##*/}

# Prints the seconds since this command began, with one decimal.
elapsed() {
  local now=${EPOCHREALTIME/[^0-9]/} tenths
  tenths=$(((now - say_started) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# say TEXT: one step, one line.
say() {
  printf '%s [%5s s] %s\n' "$say_name" "$(elapsed)" "$*" >&2
}

# tail_of FILE...: the end of each file that has something in it.
tail_of() {
  local file
  for file in "$@"; do
    if [[ -s $file ]]; then
      printf -- '--- last lines of %s\n' "$file" >&2
      tail -n "${TAIL_LINES:-15}" "$file" | sed 's/^/    /' >&2 || true
    fi
  done
}

# die TEXT [LOG...]: what failed, and the end of the logs that tell why. Parts of one command that
# run side by side have a FAILED_FLAG in common: the first one to fail raises it and tells why, what
# fails afterwards is a consequence and keeps quiet.
die() {
  local text=$1
  shift
  if [[ -n ${FAILED_FLAG:-} ]]; then
    if [[ -e $FAILED_FLAG ]]; then
      exit 1
    fi
    touch "$FAILED_FLAG"
  fi
  printf '%s [%5s s] error: %s\n' "$say_name" "$(elapsed)" "$text" >&2
  tail_of "$@"
  exit 1
}
