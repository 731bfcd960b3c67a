# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Proves that the lab can do what tests will ask of it: each kind of disk is attached to and
# detached from a running guest with virsh, and the guest itself tells what it sees.

_selftest_passed=0
_selftest_failed=0

# check TEXT COMMAND...: one line, PASS or FAIL.
_check() {
  local text=$1 out=$LAB/log/selftest.out
  shift
  if "$@" > "$out" 2>&1; then
    echo "PASS $text"
    _selftest_passed=$((_selftest_passed + 1))
  else
    echo "FAIL $text"
    sed 's/^/     /' "$out"
    _selftest_failed=$((_selftest_failed + 1))
  fi
}

# _disk rbd|open|chap DEV BUS SERIAL [SECRET]: the XML of a disk.
_disk() {
  local kind=$1 dev=$2 bus=$3 serial=$4 secret=${5:-} source
  case $kind in
    rbd)
      secret=${secret:-$(< "$LAB/libvirt/secret.ceph")}
      source="<source protocol='rbd' name='$CEPH_POOL/$CEPH_IMAGE'>
        <host name='$(< "$LAB/ceph/mon.host")' port='$(< "$LAB/ceph/mon.port")'/>
        <auth username='$CEPH_USER'><secret type='ceph' uuid='$secret'/></auth></source>"
      ;;
    open | chap)
      source="<source protocol='iscsi' name='$ISCSI_IQN:$kind/1'>
        <host name='127.0.0.1' port='$(< "$LAB/iscsi/port")'/>"
      if [[ $kind == chap ]]; then
        secret=${secret:-$(< "$LAB/libvirt/secret.chap")}
        source+="<auth username='$ISCSI_CHAP_USER'><secret type='iscsi' uuid='$secret'/></auth>"
      fi
      source+="</source>"
      ;;
  esac
  cat << XML
<disk type='network' device='disk'>
  <driver name='qemu' type='raw' cache='none'/>
  $source
  <target dev='$dev' bus='$bus'/>
  <serial>$serial</serial>
</disk>
XML
}

_attach() {
  local domain=$1
  _disk "${@:2}" | lab_virsh_within 60 attach-device "$domain" /dev/stdin --live
}

# An attach that is still waiting for an answer when its time is up has not been refused.
_attach_is_refused() {
  local rc=0
  _attach "$@" || rc=$?
  if ((rc != 1)); then
    echo "exit code $rc: the disk was attached, or there was no answer"
    return 1
  fi
}

_guest_sees() {
  guest_disks "$1" 2> /dev/null | grep -qF -- "$2"
}

_guest_comes_to_see() {
  wait_until 20 _guest_sees "$@" || {
    echo "not seen: $2; the guest says: $(guest_disks "$1")"
    return 1
  }
}

_guest_does_not_see() {
  ! _guest_sees "$@"
}

_guest_loses_sight_of() {
  wait_until 20 _guest_does_not_see "$@" || {
    echo "still seen: $2; the guest says: $(guest_disks "$1")"
    return 1
  }
}

# _sees_at_its_address DOMAIN DEV SERIAL: the guest has the disk where libvirt says it put it.
_sees_at_its_address() {
  local xml pattern
  xml=$(lab_virsh dumpxml "$1" | sed -n "/<target dev='$2' /,/<\/disk>/p")
  pattern="address type='pci' domain='0x([0-9a-f]+)' bus='0x(..)' slot='0x(..)' function='0x(.)'"
  if [[ ! $xml =~ $pattern ]]; then
    echo "no PCI address in: $xml"
    return 1
  fi
  # Behind a root port the guest's bus numbers are its own; on the first bus they are libvirt's.
  if [[ ${BASH_REMATCH[2]} == 00 ]]; then
    _guest_comes_to_see "$1" "addr=${BASH_REMATCH[1]}:00:${BASH_REMATCH[3]}.${BASH_REMATCH[4]}"
  else
    guest_disks "$1" | grep -qE "serial=$3,size=[0-9]+,addr=0000:[0-9a-f]{2}:${BASH_REMATCH[3]}\."
  fi
}

_resize_image() {
  lab_rbd resize --no-progress --allow-shrink --size "$1M" "$CEPH_POOL/$CEPH_IMAGE"
}

_selftest_guest() {
  local guest=$1 mib=$((1024 * 1024))
  _check "$guest: attaches an RBD image" _attach "$guest" rbd vda virtio st-rbd
  _check "$guest: the guest sees it, with its serial and size" \
    _guest_comes_to_see "$guest" "vda,serial=st-rbd,size=$((CEPH_IMAGE_MIB * mib)),"
  _check "$guest: at the address libvirt gave it" _sees_at_its_address "$guest" vda st-rbd
  _check "$guest: attaches the open LUN" _attach "$guest" open vdb virtio st-open
  _check "$guest: the guest sees it" \
    _guest_comes_to_see "$guest" "vdb,serial=st-open,size=$((32 * mib)),"
  _check "$guest: attaches the CHAP LUN as a SCSI disk" _attach "$guest" chap sda scsi st-chap
  _check "$guest: the guest sees it" \
    _guest_comes_to_see "$guest" "sda,serial=st-chap,size=$((48 * mib)),"
  _check "$guest: grows the image" _resize_image 80
  _check "$guest: tells the guest" lab_virsh blockresize "$guest" vda 80M
  _check "$guest: the guest sees the new size" \
    _guest_comes_to_see "$guest" "serial=st-rbd,size=$((80 * mib)),"
  _check "$guest: detaches the SCSI disk" lab_virsh detach-disk "$guest" sda --live
  _check "$guest: the guest has lost it" _guest_loses_sight_of "$guest" serial=st-chap
  _check "$guest: detaches the open LUN" lab_virsh detach-disk "$guest" vdb --live
  _check "$guest: the guest has lost it" _guest_loses_sight_of "$guest" serial=st-open
  _check "$guest: detaches the RBD image" lab_virsh detach-disk "$guest" vda --live
  _check "$guest: the guest has lost it" _guest_loses_sight_of "$guest" serial=st-rbd
  _check "$guest: shrinks the image again" _resize_image "$CEPH_IMAGE_MIB"
  _check "$guest: is refused with a wrong Ceph key" _attach_is_refused \
    "$guest" rbd vda virtio st-wrong "$(< "$LAB/libvirt/secret.wrong-ceph")"
  _check "$guest: is refused with a wrong CHAP password" _attach_is_refused \
    "$guest" chap vda virtio st-wrong "$(< "$LAB/libvirt/secret.wrong-chap")"
}

_no_secret_in_logs() {
  local file
  for file in "$LAB"/secret/*.{key,password}; do
    if grep -rqaFf "$file" -- "$LAB/log" "$LAB/home/cache/libvirt/qemu/log" "$LAB/lab.env"; then
      echo "found in a log: ${file##*/}"
      return 1
    fi
  done
}

# Uses the guests pc and q35 where they run, and makes guests of its own where not.
lab_selftest() {
  local type guest guests=() made=() adding=()
  for type in pc q35; do
    if _guest_is_running "$type"; then
      guests+=("$type")
    else
      guests+=("selftest-$type")
      made+=("selftest-$type")
      if _guest_is_known "selftest-$type"; then
        remove_guest "selftest-$type"
      fi
      add_guest "selftest-$type" "$type" > /dev/null &
      adding+=($!)
    fi
  done
  for guest in "${adding[@]}"; do
    wait "$guest" || die 'selftest: a guest is missing'
  done
  for guest in "${guests[@]}"; do
    _selftest_guest "$guest"
  done
  _check 'no key or password is in a log' _no_secret_in_logs
  for guest in "${made[@]}"; do
    remove_guest "$guest"
  done
  echo "$_selftest_passed passed, $_selftest_failed failed"
  ((_selftest_failed == 0))
}
