# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Bringing a lab up, taking it down, and telling which it is.

_kernel_job=''
_parts=()

# The parts of a lab, libvirt alone if it was brought up so.
_only_libvirt() {
  [[ -e $LAB/only-libvirt ]]
}

# Prints the names of the lab's daemons.
_lab_processes() {
  echo libvirtd
  if ! _only_libvirt; then
    printf '%s\n' ceph-mon ceph-osd tgtd
  fi
}

# For commands that a lab with libvirt alone cannot do.
need_storage() {
  if _only_libvirt; then
    die "the lab in $LAB has no Ceph and no iSCSI target: it was brought up with --only-libvirt"
  fi
}

# lock_lab: one 'up' or 'down' at a time. The lock is on the directory itself, which the one
# before may have removed: then it is made and locked anew.
_lock_lab() {
  local fd
  while :; do
    mkdir -p -- "$LAB" || die "$LAB cannot be made"
    if [[ ! -O $LAB || -h $LAB ]]; then
      die "$LAB belongs to somebody else"
    fi
    exec {fd}< "$LAB"
    flock -w 180 "$fd" || die "another 'up' or 'down' has been at work in $LAB for minutes"
    if [[ $LAB -ef /proc/$$/fd/$fd ]]; then
      break
    fi
    exec {fd}<&-
  done
  if ! lab_exists && [[ -n $(find "$LAB" -mindepth 1 -print -quit) ]]; then
    die "$LAB has other things in it than a lab"
  fi
}

_lab_is_up() {
  local name
  [[ -s $LAB/lab.env ]] || return 1
  for name in $(_lab_processes); do
    [[ $(process_state "$name") == running ]] || return 1
  done
  lab_virsh_within 10 uri > /dev/null 2>&1
}

_destroy_guests() {
  local name names jobs=()
  process_is_alive libvirtd || return 0
  names=$(lab_virsh_within 5 list --name 2> /dev/null) ||
    return 0
  for name in $names; do
    # A domain with a call that hangs in it takes libvirt ten seconds and more: then it is killed.
    lab_virsh_within 4 destroy "$name" \
      > /dev/null 2>&1 &
    jobs+=($!)
  done
  wait "${jobs[@]}" 2> /dev/null || true
}

# Stops everything there is of this lab, in whatever state it is.
_stop_everything() {
  local name rc=0
  for name in $(_lab_processes); do
    signal_process "$name" CONT 2> /dev/null || true
  done
  _destroy_guests
  stop_process libvirtd TERM 2 || rc=1
  # tgtd takes no notice of TERM, and what the Ceph daemons would write is thrown away.
  for name in ceph-osd ceph-mon tgtd; do
    stop_process "$name" KILL 10 || rc=1
  done
  sweep_processes || rc=1
  return "$rc"
}

# Empties the lab's directory, except for what is named.
_empty_lab() {
  local except=()
  remove_run_dir
  if (($# > 0)); then
    except=(! -name "$1")
  fi
  find "$LAB" -mindepth 1 -maxdepth 1 "${except[@]}" -exec rm -rf -- {} +
}

# Waits for the parts of 'up' to end; insists after a while. A part and what it waits for form a
# process group, and until it has been waited for its id is nobody else's.
_end_parts() {
  local part i
  for part in "${_parts[@]}"; do
    for ((i = 0; i < 50; i++)); do
      if ! kill -0 "$part" 2> /dev/null; then
        break
      fi
      sleep 0.1
    done
    if kill -0 "$part" 2> /dev/null; then
      kill -KILL -- "-$part" 2> /dev/null || true
    fi
    wait "$part" 2> /dev/null || true
  done
}

# Called when 'up' fails: leaves nothing running, and nothing lying around but the logs.
_give_up() {
  local rc=$1 dead
  trap - EXIT
  trap '' INT TERM HUP
  # The parts that are still at work stop waiting when they see the flag, and fail when what they
  # talk to is gone; what they start meanwhile is stopped afterwards.
  touch "$LAB/failed"
  _stop_everything > /dev/null 2>&1 || true
  _end_parts
  dead=$(_stop_everything 2>&1) || printf '%s\n' "$dead" >&2
  _empty_lab log
  # The mark stays, so that the next 'up' or 'down' knows the directory for a lab.
  touch "$LAB/.diskplug-lab"
  say "not up; nothing of it is left running. Logs: $LAB/log"
  exit "$rc"
}

_env_of_libvirt() {
  local version
  version=$(libvirt_version) || die 'libvirt: the daemon does not tell its version'
  cat << ENV
LAB_DIR=$LAB
LAB_BIN=$ROOT/bin/lab
LAB_RELEASE=$LAB_RELEASE
LIBVIRT_VERSION=$version
LIBVIRT_URI=$(libvirt_uri)
LIBVIRT_SOCKET=$(libvirt_socket)
ENV
}

_env_of_storage() {
  cat << ENV
CEPH_CONF=$LAB/ceph/ceph.conf
CEPH_FSID=$(< "$LAB/ceph/fsid")
CEPH_MON_HOST=$(< "$LAB/ceph/mon.host")
CEPH_MON_PORT=$(< "$LAB/ceph/mon.port")
CEPH_POOL=$CEPH_POOL
CEPH_NAMESPACE=$CEPH_NAMESPACE
CEPH_IMAGE=$CEPH_IMAGE
CEPH_USER=$CEPH_USER
CEPH_KEY_FILE=$LAB/secret/client.$CEPH_USER.key
CEPH_SECRET_UUID=$(< "$LAB/libvirt/secret.ceph")
CEPH_WRONG_SECRET_UUID=$(< "$LAB/libvirt/secret.wrong-ceph")
ISCSI_HOST=127.0.0.1
ISCSI_PORT=$(< "$LAB/iscsi/port")
ISCSI_OPEN_IQN=$ISCSI_IQN:open
ISCSI_CHAP_IQN=$ISCSI_IQN:chap
ISCSI_LUN=1
ISCSI_CHAP_USER=$ISCSI_CHAP_USER
ISCSI_CHAP_PASSWORD_FILE=$LAB/secret/chap.password
ISCSI_CHAP_SECRET_UUID=$(< "$LAB/libvirt/secret.chap")
ISCSI_CHAP_WRONG_SECRET_UUID=$(< "$LAB/libvirt/secret.wrong-chap")
ENV
}

_write_lab_env() {
  {
    _env_of_libvirt
    _only_libvirt || _env_of_storage
  } > "$LAB/lab.env.new"
  chmod 644 "$LAB/lab.env.new"
  mv "$LAB/lab.env.new" "$LAB/lab.env"
}

_ensure_guests() {
  local guest pids=() rc=0
  for guest in pc q35; do
    ensure_guest "$guest" "$guest" &
    pids+=($!)
  done
  for guest in "${pids[@]}"; do
    wait "$guest" || rc=1
  done
  return "$rc"
}

# Runs in the background, beside Ceph and iSCSI: guests need neither to boot.
_start_libvirt_and_guests() {
  make_guest_kernel &
  _kernel_job=$!
  start_libvirt
  wait "$_kernel_job"
  if [[ $1 == guests ]]; then
    _ensure_guests
  fi
}

# A part of 'up' that failed tells the others to stop waiting, and leaves nothing running.
_end_of_part() {
  local rc=$?
  if ((rc != 0)); then
    touch "$LAB/failed"
  fi
  if [[ -n $_kernel_job ]]; then
    wait "$_kernel_job" 2> /dev/null || true
  fi
  exit "$rc"
}

# up [--no-guests] [--only-libvirt]
lab_up() {
  local guests=guests storage=storage job jobs failed=no
  while (($# > 0)); do
    case $1 in
      --no-guests) guests=no-guests ;;
      --only-libvirt) storage=no-storage ;;
      *) die 'usage: bin/lab up [--no-guests] [--only-libvirt]' ;;
    esac
    shift
  done
  ensure_lab_packages
  ensure_release
  _lock_lab
  if _lab_is_up; then
    [[ $(< "$LAB/release") == "$LAB_RELEASE" ]] ||
      die "the lab in $LAB runs the daemons of $(< "$LAB/release"): bring it down first"
    if [[ $storage == storage ]] && _only_libvirt; then
      die "the lab in $LAB has no Ceph and no iSCSI target: bring it down first"
    fi
    if [[ $guests == guests ]]; then
      _ensure_guests || die 'a guest is missing'
    fi
    say "already up in $LAB"
    return
  fi
  if lab_exists; then
    say 'clearing away what is left of an earlier lab'
  fi
  _stop_everything || die 'something of an earlier lab cannot be stopped'
  _empty_lab
  trap '_give_up 1' EXIT
  trap '_give_up 130' INT
  trap '_give_up 143' TERM HUP
  touch "$LAB/.diskplug-lab"
  chmod 711 "$LAB"
  "${AS_LAB_USER[@]}" test -x "$LAB/" ||
    die "the account $LAB_USER cannot get at $LAB: a directory above it is closed to others"
  printf '%s\n' "$LAB_USER" > "$LAB/user"
  printf '%s\n' "$LAB_RELEASE" > "$LAB/release"
  enter_release
  mkdir -p "$LAB/proc"
  lab_owned "$LAB/log" "$LAB/guest"
  jobs=("_start_libvirt_and_guests $guests")
  if [[ $storage == storage ]]; then
    make_keys
    jobs+=(start_ceph start_iscsi)
  else
    touch "$LAB/only-libvirt"
  fi
  # Each in a process group of its own: a signal to the group of 'up' does not tear them apart, they
  # end in an orderly way when they see the flag.
  set -m
  for job in "${jobs[@]}"; do
    (
      trap - INT TERM HUP
      trap _end_of_part EXIT
      # shellcheck disable=SC2034 # for die
      FAILED_FLAG=$LAB/failed
      $job
    ) < /dev/null &
    _parts+=($!)
  done
  set +m
  for job in "${_parts[@]}"; do
    wait "$job" || failed=yes
  done
  _parts=()
  if [[ $failed == yes ]]; then
    exit 1
  fi
  _only_libvirt || define_secrets
  _write_lab_env
  trap - EXIT INT TERM HUP
  say "up in $LAB"
}

# down: whatever there is or is not.
lab_down() {
  _lock_lab
  if lab_exists; then
    _stop_everything || die "something of the lab in $LAB cannot be stopped"
  else
    sweep_processes || die "something of the lab in $LAB cannot be stopped"
  fi
  remove_run_dir
  rm -rf -- "$LAB"
  say "down, $LAB is gone"
}

# Exits 0 if all is up, 1 if something is not, 3 if there is no lab.
lab_status() {
  local name state rc=0
  if [[ ! -s $LAB/lab.env ]]; then
    echo "no lab in $LAB"
    return 3
  fi
  echo "lab in $LAB, run by $LAB_USER, daemons: $(< "$LAB/release")"
  for name in $(_lab_processes); do
    state=$(process_state "$name")
    printf '  %-9s %-8s %s\n' "$name" "$state" "$(process_pid "$name" || true)"
    if [[ $state != running ]]; then
      rc=1
    fi
  done
  if [[ $(process_state libvirtd) == running ]]; then
    echo 'guests'
    lab_virsh_within 10 list --all || rc=1
  fi
  return "$rc"
}
