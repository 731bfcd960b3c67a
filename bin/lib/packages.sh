# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What has to be installed, and how it gets installed where apt-get is at home.

# What the lab and its tests run: command it is recognised by, and the Debian package that has it.
# procps brings the program 'kill', too, which a minimal Debian lacks: tests start it without a shell.
LAB_NEEDS=(
  libvirtd:libvirt-daemon
  virsh:libvirt-clients
  qemu-system-x86_64:qemu-system-x86
  qemu-img:qemu-utils
  ceph-mon:ceph-mon
  ceph-osd:ceph-osd
  ceph:ceph-common
  rbd:ceph-common
  tgtd:tgt
  tgtadm:tgt
  busybox:busybox-static
  cpio:cpio
  xmllint:libxml2-utils
  pgrep:procps
  setpriv:util-linux
  flock:util-linux
)
# Packages that bring no command of their own: drivers that libvirtd and QEMU load.
LAB_DRIVERS=(libvirt-daemon-driver-qemu qemu-block-extra busybox-static)

# Parts of libvirt-daemon, or of packages of their own in newer releases: file, and package.
LIBVIRT_PARTS=(
  '/usr/lib/*/libvirt/connection-driver/libvirt_driver_secret.so:libvirt-daemon-driver-secret'
  '/usr/lib/*/libvirt/connection-driver/libvirt_driver_storage.so:libvirt-daemon-driver-storage'
  '/usr/lib/*/libvirt/storage-backend/libvirt_storage_backend_iscsi.so:libvirt-daemon-driver-storage-iscsi'
)

# True on Debian and what descends from it.
has_apt() {
  command -v apt-get > /dev/null && command -v dpkg-query > /dev/null
}

# as_root COMMAND...: as root, or through sudo.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo > /dev/null; then
    sudo "$@"
  else
    die "this needs root, and there is no sudo: $*"
  fi
}

package_is_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2> /dev/null) == ii* ]]
}

# Installing a package may start the services in it. None of them is wanted here: the lab runs its
# own. The guard is the one Debian documents for this; one that is there already is left alone.
_guarded_install() {
  local guard=/usr/sbin/policy-rc.d rc=0 guarded=no
  if [[ ! -e $guard ]]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$guard" > /dev/null
    as_root chmod 755 "$guard"
    guarded=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "$@" < /dev/null > "$PACKAGES_LOG" 2>&1 || rc=$?
  if [[ $guarded == yes ]]; then
    as_root rm -f "$guard"
  fi
  return "$rc"
}

# Runs apt-get update; a stale or missing package list is the usual reason for a failed install.
refresh_package_lists() {
  say 'packages: refreshing the lists'
  as_root apt-get update -q < /dev/null > "$PACKAGES_LOG" 2>&1
}

# install_packages PACKAGE...: installs those that are missing.
install_packages() {
  local package missing=() new_tgt=no
  for package in "$@"; do
    if ! package_is_installed "$package"; then
      missing+=("$package")
    fi
    if [[ $package == tgt ]] && ! package_is_installed tgt; then
      new_tgt=yes
    fi
  done
  if ((${#missing[@]} == 0)); then
    return 0
  fi
  PACKAGES_LOG=$(mktemp)
  say "packages: installing ${missing[*]}"
  if ! _guarded_install "${missing[@]}"; then
    refresh_package_lists || die 'packages: apt-get update failed' "$PACKAGES_LOG"
    _guarded_install "${missing[@]}" || die 'packages: apt-get install failed' "$PACKAGES_LOG"
  fi
  rm -f "$PACKAGES_LOG"
  # The package would start the machine's own iSCSI target at the next boot, and nobody asked.
  if [[ $new_tgt == yes && -d /run/systemd/system ]]; then
    as_root systemctl disable --quiet tgt.service 2> /dev/null || true
  fi
  say 'packages: installed'
}

# Sees to it that everything the lab runs is there. Exits 2 where it cannot be installed.
ensure_lab_packages() {
  local need missing=() commands=()
  for need in "${LAB_NEEDS[@]}"; do
    if ! command -v "${need%%:*}" > /dev/null; then
      commands+=("${need%%:*}")
      missing+=("${need#*:}")
    fi
  done
  if has_apt; then
    for need in "${LAB_DRIVERS[@]}"; do
      package_is_installed "$need" || missing+=("$need")
    done
    if ((${#missing[@]} > 0)); then
      mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
      install_packages "${missing[@]}"
    fi
    for need in "${LIBVIRT_PARTS[@]}"; do
      compgen -G "${need%:*}" > /dev/null || install_packages "${need##*:}"
    done
  elif ((${#commands[@]} > 0)); then
    {
      echo 'This machine has no apt-get; please install by hand what provides these commands:'
      printf '  %s\n' "${commands[@]}"
      echo "and QEMU's RBD and iSCSI block drivers, libvirt's QEMU, secret and storage drivers,"
      echo 'and a statically linked busybox. On Debian they are in these packages:'
      printf '  %s\n' "${missing[@]}" "${LAB_DRIVERS[@]}" | sort -u
    } >&2
    exit 2
  fi
}
