# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A private libvirtd in session mode, never the machine's own.

LIBVIRT_CAPABILITIES=libvirt/qemu/cache/capabilities

libvirt_socket() {
  echo "$LAB/run/libvirt/libvirt-sock"
}

libvirt_uri() {
  echo "qemu:///session?socket=$LAB/run/libvirt/libvirt-sock"
}

# Without LIBVIRT_AUTOSTART=0 a client that is not root answers a dead daemon by starting one of
# its own, outside the lab.
lab_virsh() {
  env LIBVIRT_AUTOSTART=0 virsh -q -c "$(libvirt_uri)" "$@"
}

# lab_virsh_within SECONDS ARGS...: the same with a limit; 124 when that is over.
lab_virsh_within() {
  timeout "$1" env LIBVIRT_AUTOSTART=0 virsh -q -c "$(libvirt_uri)" "${@:2}"
}

# The version of the daemon, as virConnectGetLibVersion numbers it: 9000000 is 9.0.0.
libvirt_version() {
  local major minor release
  IFS=. read -r major minor release < <(
    lab_virsh_within 10 version --daemon | sed -n 's/^Running against daemon: //p'
  ) || return 1
  echo $((major * 1000000 + minor * 1000 + release))
}

_libvirtd_answers() {
  lab_virsh uri > /dev/null 2>&1
}

# What each release's QEMU can do: they have the same path, and libvirt takes it for the file's name.
_capabilities_cache() {
  echo "$CACHE/capabilities/$LAB_RELEASE"
}

# libvirt asks QEMU for what it can do, which takes seconds, and keeps the answer in a file that
# it checks before use. The cache of the last lab is as good as a new one.
_seed_capabilities() {
  local dir=$LAB/home/cache/$LIBVIRT_CAPABILITIES
  if compgen -G "$(_capabilities_cache)/*.xml" > /dev/null; then
    lab_owned "$LAB/home/cache" "$LAB/home/cache/libvirt" "$LAB/home/cache/libvirt/qemu" \
      "$LAB/home/cache/libvirt/qemu/cache" "$dir"
    cp "$(_capabilities_cache)/"*.xml "$dir/"
    if ((EUID == 0)); then
      chown "$LAB_UID:$LAB_GID" "$dir/"*.xml
    fi
  fi
}

_keep_capabilities() {
  local file name
  mkdir -p "$(_capabilities_cache)"
  for file in "$LAB/home/cache/$LIBVIRT_CAPABILITIES/"*.xml; do
    name=${file##*/}
    if [[ -s $file ]] && ! cmp -s "$file" "$(_capabilities_cache)/$name"; then
      cp "$file" "$(_capabilities_cache)/.$name.$$"
      mv "$(_capabilities_cache)/.$name.$$" "$(_capabilities_cache)/$name"
    fi
  done
}

start_libvirtd() {
  spawn libvirtd libvirtd --pid-file "$LAB/run/libvirtd.pid"
  WAIT_FOR=libvirtd wait_until 30 _libvirtd_answers ||
    die 'libvirt: libvirtd did not start' "$LAB/log/libvirtd.log" "$LAB/log/libvirtd.out"
}

# libvirt writes what it knows of a running domain to its run directory with every change, and waits
# until it is on the disk. On a host that directory is in memory; so it is here, where that is
# possible, or the lab would be slower than what it stands for.
_make_run_dir() {
  local dir
  if [[ $(stat -f -c %T /dev/shm 2> /dev/null) == tmpfs && -w /dev/shm ]]; then
    dir=$(mktemp -d /dev/shm/dp-lab-run.XXXXXXXX)
    lab_owned "$dir"
    ln -s "$dir" "$LAB/run"
  else
    lab_owned "$LAB/run"
  fi
}

remove_run_dir() {
  local dir
  if [[ -h $LAB/run ]]; then
    dir=$(readlink "$LAB/run")
    if [[ $dir == /dev/shm/dp-lab-run.* ]]; then
      rm -rf -- "$dir"
    fi
  fi
}

# Everything of libvirt, from nothing to a daemon that knows what QEMU can do.
start_libvirt() {
  lab_owned "$LAB/home" "$LAB/conf" "$LAB/conf/libvirt" "$LAB/libvirt"
  _make_run_dir
  cat > "$LAB/conf/libvirt/libvirtd.conf" << CONF
log_outputs = "3:file:$LAB/log/libvirtd.log"
host_uuid = "$(< /proc/sys/kernel/random/uuid)"
CONF
  # Guests write their logs themselves: virtlogd would be one more daemon, and not the lab's.
  cat > "$LAB/conf/libvirt/qemu.conf" << CONF
stdio_handler = "file"
CONF
  chmod 644 "$LAB/conf/libvirt/"*.conf
  _seed_capabilities
  start_libvirtd
  lab_virsh_within 120 capabilities \
    > "$LAB/libvirt/capabilities.xml" 2>> "$LAB/log/libvirtd.out" ||
    die 'libvirt: libvirtd does not find out what QEMU can do' \
      "$LAB/log/libvirtd.log" "$LAB/log/libvirtd.out"
  grep -q 'qemu-system-x86_64' "$LAB/libvirt/capabilities.xml" ||
    die 'libvirt: the daemon knows no QEMU for x86-64' "$LAB/log/libvirtd.log"
  _keep_capabilities
  say 'libvirt: libvirtd up'
}

# libvirtd_command start|stop|kill|restart. Guests go on whatever happens to the daemon.
libvirtd_command() {
  case ${1:-} in
    start)
      process_is_gone libvirtd || die 'libvirtd is running'
      start_libvirtd
      ;;
    stop)
      process_is_alive libvirtd || die 'libvirtd is not running'
      stop_process libvirtd TERM 30 || die 'libvirtd does not stop' "$LAB/log/libvirtd.log"
      ;;
    kill)
      process_is_alive libvirtd || die 'libvirtd is not running'
      stop_process libvirtd KILL 10 || die 'libvirtd does not die' "$LAB/log/libvirtd.log"
      ;;
    restart)
      stop_process libvirtd TERM 30 || die 'libvirtd does not stop' "$LAB/log/libvirtd.log"
      start_libvirtd
      ;;
    *) die 'usage: bin/lab libvirtd start|stop|kill|restart' ;;
  esac
  say "libvirtd: $(process_state libvirtd)"
}
