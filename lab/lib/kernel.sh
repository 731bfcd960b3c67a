# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The guests' kernel and initramfs, made once and kept in the cache. The kernel is the
# distribution's own, downloaded and unpacked; nothing of it is installed.

# Meta packages of kernels made for virtual machines: Debian's, then Ubuntu's.
KERNEL_PACKAGES=(linux-image-cloud-amd64 linux-image-virtual)
# Modules the guests load; what these need is found out.
KERNEL_MODULES=(virtio_pci virtio_blk virtio_scsi sd_mod)

# _kernel_parts PACKAGE...: the kernel and module packages that the first of these that apt knows
# depends on directly, with their versions, one a line.
_kernel_parts() {
  apt-cache show --no-all-versions "$@" 2> /dev/null | sed -n 's/^Depends: //p' | head -n 1 |
    sed 's/[,|]/\n/g' | sed -nE 's/^ *(linux-(image|modules)-[0-9][^ ]*)(.*)$/\1\3/p'
}

# Prints the packages of the kernel that apt would install, one a line, name first. Asking apt takes
# a second or more, and the answer holds for as long as apt's lists do.
_kernel_candidates() {
  local lists kept=$CACHE/kernel parts
  has_apt || return 0
  lists=$(stat -c %y /var/lib/apt/lists 2> /dev/null) || lists=''
  if [[ $(head -n 1 "$kept" 2> /dev/null) != "$lists" ]]; then
    parts=$(_kernel_parts "${KERNEL_PACKAGES[@]}")
    if [[ -n $parts ]]; then
      parts+=$'\n'$(_kernel_parts "${parts%% *}")
    fi
    printf '%s\n' "$lists" "$parts" > "$kept.$BASHPID"
    mv "$kept.$BASHPID" "$kept"
  fi
  sed -e 1d -e '/^$/d' "$kept"
}

# The name of a build: what is ours in it, and after the dash what is the kernel.
_our_key() {
  {
    printf '%s\n' "${KERNEL_MODULES[@]}"
    cat "$ROOT/lab/guest/init" "$ROOT/lab/lib/kernel.sh" "$(command -v busybox)"
  } | sha256sum | cut -c1-12
}

_kernel_key() {
  _kernel_candidates | sha256sum | cut -c1-12
}

# _unpack_module DIR NAME: the module's file, uncompressed, as initramfs/lib/NAME.ko.
_unpack_module() {
  local file
  file=$(find "$1/root" -name "${2//_/[-_]}.ko*" -print -quit)
  case $file in
    '') return 1 ;;
    *.ko) cp "$file" "$1/initramfs/lib/$2.ko" ;;
    *.ko.xz)
      command -v xz > /dev/null || install_packages xz-utils
      xz -dc "$file" > "$1/initramfs/lib/$2.ko"
      ;;
    *.ko.zst)
      command -v zstd > /dev/null || install_packages zstd
      zstd -qdc "$file" > "$1/initramfs/lib/$2.ko"
      ;;
    *) return 1 ;;
  esac
}

# _number FILE OFFSET BYTES: a little-endian number in a file.
_number() {
  od -An -v -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# _unpack_kernel FROM TO: the ELF image in a bzImage, or failure. QEMU boots it as it is, which saves
# the emulated processor the unpacking, a third of the boot. Fields and names are those of the
# kernel's x86 boot protocol (setup_sects, payload_offset, payload_length).
_unpack_kernel() {
  local from=$1 to=$2 start length command
  start=$((($(_number "$from" $((0x1f1)) 1) + 1) * 512 + $(_number "$from" $((0x248)) 4)))
  # The last four bytes are the unpacked size.
  length=$(($(_number "$from" $((0x24c)) 4) - 4))
  case $(_number "$from" "$start" 4) in
    $((0x184c2102))) command=lz4 ;;
    $((0xfd2fb528))) command=zstd ;;
    $((0x587a37fd))) command=xz ;;
    *) return 1 ;;
  esac
  if ! command -v "$command" > /dev/null; then
    install_packages "${command/#xz/xz-utils}"
  fi
  dd if="$from" iflag=skip_bytes,count_bytes skip="$start" count="$length" bs=1M status=none |
    "$command" -dc > "$to" &&
    [[ $(head -c 4 "$to" | od -An -c | tr -d ' ') == '177ELF' ]]
}

# _add_module DIR NAME: a module and, before it, those it needs; in this order they are loaded.
_add_module() {
  local dir=$1 name=${2//-/_} needs need
  if [[ -e $dir/initramfs/lib/$name.ko ]]; then
    return
  fi
  if ! _unpack_module "$dir" "$name"; then
    # Built into the kernel, or missing: then the guest would not see its disks.
    grep -qrE --include=modules.builtin "/${name//_/[-_]}\.ko$" "$dir/root" ||
      die "guest: the kernel has no module $name"
    return
  fi
  needs=$(tr '\0' '\n' < "$dir/initramfs/lib/$name.ko" | sed -n 's/^depends=//p')
  for need in ${needs//,/ }; do
    _add_module "$dir" "$need"
  done
  echo "$name" >> "$dir/initramfs/lib/order"
}

# _download DIR: the kernel packages, into DIR.
_download() {
  local dir=$1 packages
  packages=$(_kernel_candidates | cut -d' ' -f1)
  if [[ -z $packages ]]; then
    return 1
  fi
  # shellcheck disable=SC2086 # one word for each package
  (cd "$dir" && apt-get download -q $packages < /dev/null > download.log 2>&1)
}

_build_guest() {
  local dir=$1 package module busybox
  busybox=$(command -v busybox)
  mkdir -p "$dir/root" "$dir/initramfs"/{bin,lib,proc,sys,dev}
  for package in "$dir"/*.deb; do
    dpkg -x "$package" "$dir/root"
  done
  cp "$busybox" "$dir/initramfs/bin/busybox"
  install -m 755 "$ROOT/lab/guest/init" "$dir/initramfs/init"
  for module in "${KERNEL_MODULES[@]}"; do
    _add_module "$dir" "$module"
  done
  (cd "$dir/initramfs" && find . | cpio -o -H newc -R 0:0 --quiet) > "$dir/initrd"
  find "$dir/root/boot" -name 'vmlinuz-*' -exec cp {} "$dir/vmlinuz" \;
  if _unpack_kernel "$dir/vmlinuz" "$dir/kernel"; then
    rm "$dir/vmlinuz"
  else
    say 'guest: the kernel cannot be unpacked, and takes a second longer to boot'
    mv "$dir/vmlinuz" "$dir/kernel"
  fi
  chmod 644 "$dir/kernel" "$dir/initrd"
  rm -rf "$dir/root" "$dir/initramfs" "$dir"/*.deb "$dir/download.log"
}

# Prints the newest build that has what is ours in it, whatever its kernel.
_any_build() {
  local dir newest=''
  for dir in "$CACHE/guest/$1-"*/; do
    if [[ -s $dir/initrd && (-z $newest || $dir -nt $newest) ]]; then
      newest=${dir%/}
    fi
  done
  echo "$newest"
}

# _new_build OURS: makes a build in the cache, or fails if there is no kernel to be had.
_new_build() {
  local build
  if ! has_apt; then
    echo "The guests' kernel comes from a Debian package, and there is no apt-get here." >&2
    exit 2
  fi
  build=$(mktemp -d "$CACHE/guest/build.XXXXXX")
  say 'guest: fetching a kernel'
  if ! _download "$build"; then
    # shellcheck disable=SC2034 # for refresh_package_lists
    PACKAGES_LOG=$build/download.log
    if ! refresh_package_lists || ! _download "$build"; then
      tail_of "$build/download.log"
      rm -rf "$build"
      return 1
    fi
  fi
  _build_guest "$build"
  mv -T "$build" "$CACHE/guest/$1-$(_kernel_key)"
  say 'guest: kernel and initramfs made'
}

# Sees to it that LAB/guest has a kernel and an initramfs: the newest that apt knows, or the one in
# the cache where apt knows none, or cannot get it.
make_guest_kernel() {
  local ours dir
  mkdir -p "$CACHE/guest"
  ours=$(_our_key)
  (
    flock 9
    dir=$CACHE/guest/$ours-$(_kernel_key)
    if [[ -n ${DISKPLUG_IN_RELEASE:-} ]]; then
      # The kernel of the machine, as for the lab outside of the tree, and not of the tree's apt.
      dir=$(_any_build "$ours")
    fi
    if [[ ! -s $dir/initrd ]]; then
      # A build that was interrupted is nobody's: there is one at a time.
      rm -rf "$CACHE/guest"/build.*
      # Called on its own, not in a condition: there, bash would go on after an error in it.
      find "$CACHE/guest" -mindepth 1 -maxdepth 1 -name '*[.-]*' -mtime +30 -exec rm -rf {} +
      if [[ -n $(_kernel_candidates) || -z $(_any_build "$ours") ]]; then
        set +e
        (
          set -e
          _new_build "$ours"
        )
        set -e
      fi
      dir=$(_any_build "$ours")
      if [[ -z $dir ]]; then
        die 'guest: no kernel package could be downloaded'
      fi
    fi
    touch "$dir"
    cp "$dir/kernel" "$dir/initrd" "$LAB/guest/"
  ) 9> "$CACHE/guest.lock"
}
