# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Where a lab lives, who runs it, and how one waits in it. Needs say.sh.

# QEMU's monitor socket has the longest path, LAB/conf/libvirt/qemu/lib/domain-ID-NAME/monitor.sock,
# and the path of a unix socket has room for 107 bytes.
LAB_DIR_MAX=38

# shellcheck disable=SC2034 # used by the other parts
CACHE=${DISKPLUG_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/diskplug}

# choose_lab_dir [DIR]: sets LAB to DIR, $DISKPLUG_LAB_DIR, or a short path of this checkout's and
# release's own.
choose_lab_dir() {
  local dir=${1:-${DISKPLUG_LAB_DIR:-}} hash
  if [[ -z $dir ]]; then
    hash=$(printf '%s' "$ROOT" | sha256sum)
    dir=/tmp/dp-lab-$EUID-${hash:0:6}
    if [[ $LAB_RELEASE != "$OWN_RELEASE" ]]; then
      dir+=-$LAB_RELEASE
    fi
  fi
  LAB=$(realpath -m -- "$dir")
  if [[ ! $LAB =~ ^/[A-Za-z0-9._/-]+$ ]]; then
    die "the lab directory may have only letters, digits and . _ - in its path: $LAB"
  fi
  if ((${#LAB} > LAB_DIR_MAX)); then
    die "the lab directory's path has ${#LAB} bytes, $LAB_DIR_MAX is the most: the unix sockets in\
 it would get paths longer than the system allows: $LAB"
  fi
}

# Sets LAB_USER, LAB_UID and LAB_GID: the account that the daemons and QEMU run under. It is the
# caller's own, and for root an unprivileged one, for libvirt's session mode is not for root.
choose_lab_user() {
  local candidate
  if ((EUID != 0)); then
    LAB_USER=$(id -un) LAB_UID=$EUID LAB_GID=$(id -g)
    AS_LAB_USER=(env)
    return
  fi
  LAB_USER=''
  if [[ -s $LAB/user ]]; then
    LAB_USER=$(< "$LAB/user")
  else
    for candidate in ${DISKPLUG_LAB_USER:-nobody daemon games}; do
      if [[ $(id -u "$candidate" 2> /dev/null || echo 0) != 0 ]]; then
        LAB_USER=$candidate
        break
      fi
    done
  fi
  if [[ -z $LAB_USER ]]; then
    die 'no unprivileged account to run the lab under: name one in DISKPLUG_LAB_USER'
  fi
  LAB_UID=$(id -u "$LAB_USER") LAB_GID=$(id -g "$LAB_USER")
  # shellcheck disable=SC2034 # used by the other parts
  AS_LAB_USER=(setpriv "--reuid=$LAB_UID" "--regid=$LAB_GID" --clear-groups --inh-caps=-all)
}

# Sets CLEAN_ENV: how a daemon of the lab is started, so that nothing of the caller's environment,
# home or machine-wide configuration gets into it. HOME is also what a process is known by: every
# process of a lab, QEMU included, has it, and nothing else on the machine does (see process.sh).
# shellcheck disable=SC2034 # used by the other parts
set_clean_env() {
  # shellcheck disable=SC2034 # used by the other parts
  CLEAN_ENV=(
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
    "HOME=$LAB/home"
    "XDG_CONFIG_HOME=$LAB/conf"
    "XDG_RUNTIME_DIR=$LAB/run"
    "XDG_CACHE_HOME=$LAB/home/cache"
    "XDG_DATA_HOME=$LAB/home/data"
    "CEPH_CONF=$LAB/ceph/ceph.conf"
    "TGT_IPC_SOCKET=$LAB/iscsi/tgtd"
  )
}

lab_exists() {
  [[ -e $LAB/.diskplug-lab ]]
}

# For commands that make sense only in a lab that is up.
need_lab() {
  if [[ ! -s $LAB/lab.env ]]; then
    die "no lab in $LAB: run 'bin/lab up' first"
  fi
}

# wait_until SECONDS COMMAND...: polls until COMMAND succeeds. Gives up early when another part of
# the same 'up' has failed, or when process $WAIT_FOR (if set) is gone.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS >= deadline)) || [[ -e $LAB/failed ]]; then
      return 1
    fi
    if [[ -n ${WAIT_FOR:-} ]] && ! process_is_alive "$WAIT_FOR"; then
      return 1
    fi
    sleep 0.1
  done
}

# lab_owned DIR...: makes directories that belong to the lab's account alone.
lab_owned() {
  mkdir -p -- "$@"
  chmod 700 -- "$@"
  if ((EUID == 0)); then
    chown "$LAB_UID:$LAB_GID" -- "$@"
  fi
}

# write_private FILE: stdin into a file that only the lab's account (and root) can read.
write_private() {
  local file=$1
  (
    umask 077
    cat > "$file"
  )
  if ((EUID == 0)); then
    chown "$LAB_UID:$LAB_GID" -- "$file"
  fi
}

new_uuid() {
  cat /proc/sys/kernel/random/uuid
}
