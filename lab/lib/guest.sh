# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Guests: domains that boot in seconds and tell their console which disks they see.

GUEST_BOOT_SECONDS=90
# Boots without what an emulated processor only loses time with.
GUEST_CMDLINE='console=ttyS0 quiet loglevel=1 panic=1'
GUEST_CMDLINE+=' mitigations=off cryptomgr.notests tsc=reliable audit=0'

_check_guest_name() {
  if [[ ! ${1:-} =~ ^[A-Za-z0-9][A-Za-z0-9_-]{0,30}$ ]]; then
    die 'a guest is named with up to 31 letters, digits, - and _'
  fi
}

guest_console() {
  echo "$LAB/guest/$1.console"
}

# Prints the last full GUEST-DISKS line of the boot that the guest is in. A boot begins where the
# firmware announces itself.
guest_disks() {
  local line last=''
  while IFS= read -r line; do
    case $line in
      *'SeaBIOS (version'*) last='' ;;
      'GUEST-DISKS '*) last=$line ;;
    esac
  done < "$(guest_console "$1")"
  [[ -n $last ]] && echo "$last"
}

_guest_has_booted() {
  guest_disks "$1" > /dev/null 2>&1
}

_guest_is_known() {
  lab_virsh dominfo "$1" > /dev/null 2>&1
}

_guest_is_running() {
  [[ $(lab_virsh domstate "$1" 2> /dev/null) == running ]]
}

# wait_for_guest NAME: until it has booted, with a deadline. Gives up when QEMU is gone.
wait_for_guest() {
  local name=$1 round
  for ((round = 0; round < GUEST_BOOT_SECONDS * 10; round++)); do
    if _guest_has_booted "$name"; then
      return
    fi
    if [[ -e $LAB/failed ]] || { ((round % 20 == 19)) && ! _guest_is_running "$name"; }; then
      break
    fi
    sleep 0.1
  done
  die "guest: $name did not boot within $GUEST_BOOT_SECONDS s" "$(guest_console "$name")" \
    "$LAB/home/cache/libvirt/qemu/log/$name.log"
}

# define_guest NAME TYPE: prints the new domain's UUID.
_define_guest() {
  local name=$1 type=$2 uuid log
  log=$LAB/log/guest-$name.out
  uuid=$(new_uuid)
  rm -f "$(guest_console "$name")"
  sed -e "s|@NAME@|$name|g" -e "s|@UUID@|$uuid|" -e "s|@LAB@|$LAB|g" \
    -e "s|@CMDLINE@|$GUEST_CMDLINE|" "$ROOT/lab/guest/$type.xml.in" |
    lab_virsh define /dev/stdin > "$log" 2>&1 ||
    die "guest: $name could not be defined" "$log" "$LAB/log/libvirtd.log"
  echo "$uuid"
}

# _start_guest NAME MODE, with MODE run, wait, paused, or booted-paused
_start_guest() {
  local name=$1 mode=$2 begin=$SECONDS flags=() log=$LAB/log/guest-$1.out
  if [[ $mode == paused ]]; then
    flags=(--paused)
  fi
  lab_virsh start "$name" "${flags[@]}" >> "$log" 2>&1 ||
    die "guest: $name could not be started" "$log" "$LAB/log/libvirtd.log"
  case $mode in
    run | paused) say "guest: $name started${flags[*]:+, paused}" ;;
    *)
      wait_for_guest "$name"
      say "guest: $name has booted in about $((SECONDS - begin)) s"
      ;;
  esac
  if [[ $mode == booted-paused ]]; then
    lab_virsh suspend "$name" >> "$log" 2>&1 || die "guest: $name could not be paused" "$log"
    say "guest: $name paused"
  fi
}

# add_guest NAME pc|q35 [--paused|--defined|--no-wait] [--wait]
add_guest() {
  local name=${1:-} type=${2:-} mode='wait' want_wait=no uuid option
  _check_guest_name "$name"
  if [[ $type != pc && $type != q35 ]]; then
    die 'usage: bin/lab guest add NAME pc|q35 [--paused|--defined|--no-wait] [--wait]'
  fi
  for option in "${@:3}"; do
    case $option in
      --paused) mode=paused ;;
      --defined) mode=defined ;;
      --no-wait) mode=run ;;
      --wait) want_wait=yes ;;
      *) die "guest add: unknown option $option" ;;
    esac
  done
  if [[ $want_wait == yes ]]; then
    case $mode in
      paused) mode=booted-paused ;;
      run) mode='wait' ;;
    esac
  fi
  if _guest_is_known "$name"; then
    die "guest: there is a domain $name already"
  fi
  uuid=$(_define_guest "$name" "$type") || exit 1
  if [[ $mode != defined ]]; then
    _start_guest "$name" "$mode"
  fi
  echo "$uuid"
}

remove_guest() {
  local name=${1:-} log
  _check_guest_name "$name"
  log=$LAB/log/guest-$name.out
  lab_virsh destroy "$name" > "$log" 2>&1 || true
  lab_virsh undefine "$name" --managed-save --snapshots-metadata --checkpoints-metadata \
    >> "$log" 2>&1 || die "guest: $name could not be removed" "$log"
  rm -f "$(guest_console "$name")"
  say "guest: $name removed"
}

# For 'up': the guest is there and has booted, whatever it takes.
ensure_guest() {
  local name=$1 type=$2
  if ! _guest_is_known "$name"; then
    add_guest "$name" "$type" > /dev/null
  elif ! _guest_is_running "$name"; then
    lab_virsh resume "$name" > /dev/null 2>&1 || _start_guest "$name" wait
  fi
}

guest_command() {
  local name=${2:-}
  case ${1:-} in
    add) add_guest "${@:2}" ;;
    rm) remove_guest "$name" ;;
    list) lab_virsh list --all ;;
    disks)
      _check_guest_name "$name"
      guest_disks "$name" 2> /dev/null || die "guest: $name has said nothing about disks"
      ;;
    console)
      _check_guest_name "$name"
      guest_console "$name"
      tail -n 20 "$(guest_console "$name")" >&2 || exit 1
      ;;
    *) die 'usage: bin/lab guest add|rm|list|disks|console …' ;;
  esac
}
