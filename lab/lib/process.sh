# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The lab's processes. A process is known by its pid AND its start time AND the boot it belongs to,
# recorded in LAB/proc/NAME before its program runs; all are checked before any signal is sent.

# Prints the start time of a process (field 22 of its stat line); fails if it is gone or a zombie.
_start_time() {
  local stat
  { stat=$(< "/proc/$1/stat"); } 2> /dev/null || return 1
  stat=${stat##*) }
  # shellcheck disable=SC2086 # the fields are wanted one by one
  set -- $stat
  if [[ $1 == [ZX] ]]; then
    return 1
  fi
  echo "${20}"
}

_boot() {
  cat /proc/sys/kernel/random/boot_id
}

# record_process NAME PID
record_process() {
  local start
  start=$(_start_time "$2") || return 1
  printf '%s %s %s\n' "$2" "$start" "$(_boot)" > "$LAB/proc/$1"
}

# Prints the pid that is recorded under NAME, if that very process is still there.
process_pid() {
  local pid start boot
  { read -r pid start boot < "$LAB/proc/$1"; } 2> /dev/null || return 1
  if [[ $boot == "$(_boot)" && $start == "$(_start_time "$pid")" ]]; then
    echo "$pid"
  else
    return 1
  fi
}

process_is_alive() {
  process_pid "$1" > /dev/null
}

process_is_gone() {
  ! process_pid "$1" > /dev/null
}

# Prints running, paused or stopped.
process_state() {
  local pid stat
  if pid=$(process_pid "$1") && { stat=$(< "/proc/$pid/stat"); } 2> /dev/null; then
    stat=${stat##*) }
    if [[ ${stat:0:1} == [Tt] ]]; then echo paused; else echo running; fi
  else
    echo stopped
  fi
}

# signal_process NAME SIGNAL: succeeds if the process was there to get it.
signal_process() {
  local pid
  pid=$(process_pid "$1") || return 1
  if [[ $EUID == 0 || -O /proc/$pid ]]; then
    kill "-$2" "$pid" 2> /dev/null
  else
    sudo -n kill "-$2" "$pid"
  fi
}

# spawn NAME COMMAND...: starts a daemon in the foreground of a session of its own, with nothing
# inherited: no terminal, no descriptor (the lock of 'up' is one), no environment (CLEAN_ENV).
# Its output goes to LAB/log/NAME.out.
spawn() {
  local name=$1
  shift
  rm -f "$LAB/proc/$name"
  (
    trap - EXIT INT TERM HUP
    record_process "$name" "$BASHPID"
    exec < /dev/null >> "$LAB/log/$name.out" 2>&1
    for fd in "/proc/$BASHPID/fd/"*; do
      fd=${fd##*/}
      if ((fd > 2)); then
        eval "exec $fd>&-"
      fi
    done
    cd /
    exec setsid "${CLEAN_ENV[@]}" "${IN_RELEASE[@]}" "${AS_LAB_USER[@]}" "$@"
  ) &
  disown
  wait_until 5 test -s "$LAB/proc/$name"
}

# stop_process NAME SIGNAL SECONDS: asks with SIGNAL, and after SECONDS (or at once, if it is KILL)
# insists. Succeeds if the process is gone, whatever it took.
stop_process() {
  local name=$1 signal=$2 seconds=$3
  if signal_process "$name" "$signal"; then
    signal_process "$name" CONT || true
    if ! WAIT_FOR='' _wait_gone "$name" "$seconds"; then
      say "$name: still there after $seconds s, killing it"
      signal_process "$name" KILL || true
      _wait_gone "$name" 10 || return 1
    fi
  fi
  rm -f "$LAB/proc/$name"
}

_wait_gone() {
  local i
  for ((i = 0; i < $2 * 20; i++)); do
    if process_is_gone "$1"; then
      return 0
    fi
    sleep 0.05
  done
  process_is_gone "$1"
}

# Prints the pids of everything that was started with this lab's HOME, by the lab or by its
# libvirtd, recorded or not.
lab_pids() {
  grep -lzsxF -- "HOME=$LAB/home" /proc/[0-9]*/environ | cut -d/ -f3
}

# Kills what lab_pids finds, and makes sure that it is gone.
sweep_processes() {
  local pid swept=0 name
  mkdir -p "$LAB/proc"
  for pid in $(lab_pids || true); do
    name=stray-$pid
    # Recorded first and looked at again afterwards: the pid may have changed hands in between.
    if record_process "$name" "$pid" &&
      grep -qzsxF -- "HOME=$LAB/home" "/proc/$pid/environ"; then
      stop_process "$name" KILL 10 || return 1
      swept=$((swept + 1))
    fi
    rm -f "$LAB/proc/$name"
  done
  if ((swept > 0)); then
    say "stopped $swept process(es) that nothing else had stopped"
  fi
}
