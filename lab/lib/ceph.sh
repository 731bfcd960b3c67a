# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A Ceph cluster of one monitor and one OSD: pool, namespace, image, user.

CEPH_POOL=volumes
CEPH_NAMESPACE=tenant-a
CEPH_IMAGE=first-light
CEPH_IMAGE_MIB=64
CEPH_USER=cinder

# ceph and rbd as the cluster's administrator.
lab_ceph() {
  env -u CEPH_ARGS -u CEPH_KEYRING ceph -c "$LAB/ceph/ceph.conf" --connect-timeout 20 "$@"
}

lab_rbd() {
  env -u CEPH_ARGS -u CEPH_KEYRING rbd -c "$LAB/ceph/ceph.conf" "$@"
}

# _keyring_entry ENTITY [CAP...]: one section of a keyring, on stdout.
_keyring_entry() {
  local - entity=$1 cap
  set +x
  shift
  printf '[%s]\n  key = %s\n' "$entity" "$(< "$LAB/secret/$entity.key")"
  for cap in "$@"; do
    printf '  caps %s\n' "$cap"
  done
}

# The monitor takes its users, with their rights, from the keyring it is born with: that saves a
# round trip for each.
_make_keyrings() {
  local entity
  for entity in mon. client.admin osd.0 "client.$CEPH_USER"; do
    make_ceph_key "$entity"
  done
  for entity in client.admin osd.0 "client.$CEPH_USER"; do
    _keyring_entry "$entity" | write_private "$LAB/secret/$entity.keyring"
  done
  {
    _keyring_entry mon. 'mon = "allow *"'
    _keyring_entry client.admin 'mon = "allow *"' 'osd = "allow *"' 'mgr = "allow *"'
    _keyring_entry osd.0 'mon = "allow profile osd"' 'osd = "allow *"' 'mgr = "allow profile osd"'
    _keyring_entry "client.$CEPH_USER" 'mon = "profile rbd"' \
      "osd = \"profile rbd pool=$CEPH_POOL\""
  } | write_private "$LAB/secret/all.keyring"
}

# _as_ceph COMMAND...: a tool that runs to its end under the lab's account.
_as_ceph() {
  "${CLEAN_ENV[@]}" "${IN_RELEASE[@]}" "${AS_LAB_USER[@]}" "$@" >> "$LAB/log/ceph-setup.out" 2>&1
}

_mon_answers() {
  timeout 5 ceph --admin-daemon "$LAB/ceph/run/mon.asok" mon_status 2> /dev/null |
    grep -q '"state": "leader"'
}

_osd_is_active() {
  timeout 5 ceph --admin-daemon "$LAB/ceph/run/osd.asok" status 2> /dev/null |
    grep -q '"state": "active"'
}

# _start_mon HOST PORT OSD_PORT: a monitor with a new identity. Fails if it does not come up.
_start_mon() {
  local host=$1 port=$2 osd_port=$3 fsid
  fsid=$(new_uuid)
  rm -rf "$LAB/ceph"
  lab_owned "$LAB/ceph" "$LAB/ceph/run" "$LAB/ceph/crash" "$LAB/ceph/mon" "$LAB/ceph/osd"
  sed -e "s|@LAB@|$LAB|g" -e "s|@FSID@|$fsid|" -e "s|@MON_HOST@|$host|" \
    -e "s|@MON_PORT@|$port|" \
    -e "s|@OSD_PORT_MIN@|$osd_port|" -e "s|@OSD_PORT_MAX@|$((osd_port + 12))|" \
    "$ROOT/lab/ceph.conf.in" > "$LAB/ceph/ceph.conf"
  chmod 644 "$LAB/ceph/ceph.conf"
  printf '%s\n' "$fsid" > "$LAB/ceph/fsid"
  printf '%s\n' "$host" > "$LAB/ceph/mon.host"
  printf '%s\n' "$port" > "$LAB/ceph/mon.port"
  _as_ceph monmaptool --create --addv a "[v1:$host:$port]" --fsid "$fsid" "$LAB/ceph/monmap"
  _as_ceph ceph-mon --mkfs -i a --monmap "$LAB/ceph/monmap" --keyring "$LAB/secret/all.keyring"
  spawn ceph-mon ceph-mon -f -i a
  WAIT_FOR=ceph-mon wait_until 20 _mon_answers
}

# The monitor has a loopback address of its own and the port that monitors have in production. That
# is more than looks: a client that is told a port it does not know tries both of Ceph's protocols,
# goes on trying the wrong one when the right one refuses the key, and with QEMU that takes 300 s.
# The last tries settle for another port, in case something has 6789 on all addresses.
_start_mon_somewhere() {
  local try host port osd_port
  for ((try = 1; try <= PORT_TRIES; try++)); do
    osd_port=$(($(pick_ports) + 2))
    host=127.$((100 + SRANDOM % 100)).$((SRANDOM % 256)).$((1 + SRANDOM % 254))
    port=6789
    if ((try > PORT_TRIES / 2)); then
      host=127.0.0.1
      port=$((osd_port - 2))
    fi
    if _start_mon "$host" "$port" "$osd_port"; then
      return
    fi
    if ! grep -qsE 'unable to bind|Address already in use' \
      "$LAB/log/ceph-mon.out" "$LAB/log/ceph-mon.log"; then
      break
    fi
    say "ceph: $host:$port is taken, trying another"
    stop_process ceph-mon KILL 5
    rm -f "$LAB/log/ceph-mon."*
  done
  die 'ceph: the monitor did not start' \
    "$LAB/log/ceph-setup.out" "$LAB/log/ceph-mon.log" "$LAB/log/ceph-mon.out"
}

start_osd() {
  spawn ceph-osd ceph-osd -f -i 0
  WAIT_FOR=ceph-osd wait_until 30 _osd_is_active ||
    die 'ceph: the OSD did not start' "$LAB/log/ceph-osd.log" "$LAB/log/ceph-osd.out"
}

# Everything of Ceph, from nothing to an image that can be attached.
start_ceph() {
  local osd_uuid log=$LAB/log/ceph-setup.out
  osd_uuid=$(new_uuid)
  _make_keyrings
  _start_mon_somewhere
  rm -f "$LAB/secret/all.keyring"
  say "ceph: monitor up on $(< "$LAB/ceph/mon.host"):$(< "$LAB/ceph/mon.port")"
  _as_ceph ceph-osd --mkfs -i 0 --osd-uuid "$osd_uuid" ||
    die 'ceph: the OSD could not be made' "$log" "$LAB/log/ceph-osd.log"
  # Fed through stdin, one client carries out both.
  printf '%s\n' "osd new $osd_uuid" "osd pool create $CEPH_POOL 8 8" |
    timeout 30 env -u CEPH_ARGS ceph -c "$LAB/ceph/ceph.conf" >> "$log" 2>&1 ||
    die 'ceph: the monitor refused the OSD or the pool' "$log"
  start_osd
  {
    timeout 40 rbd -c "$LAB/ceph/ceph.conf" pool init "$CEPH_POOL" &&
      timeout 20 rbd -c "$LAB/ceph/ceph.conf" namespace create "$CEPH_POOL/$CEPH_NAMESPACE" &&
      timeout 20 rbd -c "$LAB/ceph/ceph.conf" create \
        --size "${CEPH_IMAGE_MIB}M" "$CEPH_POOL/$CEPH_IMAGE"
  } >> "$log" 2>&1 || die 'ceph: pool or image could not be made' "$log" "$LAB/log/ceph-osd.log"
  say "ceph: OSD up, image $CEPH_POOL/$CEPH_IMAGE made"
}

# ceph_daemon_command ceph-osd|ceph-mon pause|resume|stop|start
ceph_daemon_command() {
  local name=$1
  case ${2:-} in
    pause) signal_process "$name" STOP || die "$name is not running" ;;
    resume) signal_process "$name" CONT || die "$name is not running" ;;
    stop)
      process_is_alive "$name" || die "$name is not running"
      stop_process "$name" TERM 20 || die "$name does not stop" "$LAB/log/$name.log"
      ;;
    start)
      process_is_gone "$name" || die "$name is running"
      if [[ $name == ceph-osd ]]; then
        start_osd
      else
        spawn ceph-mon ceph-mon -f -i a
        WAIT_FOR=ceph-mon wait_until 20 _mon_answers ||
          die 'ceph: the monitor did not start' "$LAB/log/ceph-mon.log" "$LAB/log/ceph-mon.out"
      fi
      ;;
    *) die "usage: bin/lab ${name#ceph-} pause|resume|stop|start" ;;
  esac
  say "$name: $(process_state "$name")"
}
