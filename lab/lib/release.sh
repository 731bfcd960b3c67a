# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Daemons of another Debian release: a tree of its packages in the cache, and how one runs a command
# in it. A lab without a release runs the daemons of the machine.

RELEASES=(bullseye bookworm trixie trixie-backports)

# The packages of the daemons. Those that a release does not have are parts of others there.
RELEASE_PACKAGES=(
  libvirt-daemon libvirt-daemon-driver-qemu libvirt-daemon-driver-secret
  libvirt-daemon-driver-storage libvirt-daemon-driver-storage-iscsi qemu-system-x86 qemu-utils qemu-block-extra
  ceph-mon ceph-osd ceph-common tgt
)

# The tests that run inside a tree want one of these, the first that there is, and what bin/lab needs.
RELEASE_JRES=(openjdk-21-jre-headless openjdk-17-jre-headless)

# The name of the machine's own daemons, in place of a release.
OWN_RELEASE=own

# choose_release [NAME]: sets LAB_RELEASE to NAME, or to the machine's own.
choose_release() {
  local name=${1:-$OWN_RELEASE} known
  for known in "$OWN_RELEASE" "${RELEASES[@]}"; do
    if [[ $name == "$known" ]]; then
      LAB_RELEASE=$name
      return
    fi
  done
  die "no release '$name': there are $OWN_RELEASE ${RELEASES[*]}"
}

# True if the lab's daemons run in a tree that this process is not in already, as the tests with the
# release's own client are.
_wants_tree() {
  [[ $LAB_RELEASE != "$OWN_RELEASE" && $LAB_RELEASE != "${DISKPLUG_IN_RELEASE:-}" ]]
}

IN_RELEASE=()

# Sets IN_RELEASE: what is put before a command of the lab so that it runs in the lab's release.
# Reads the release that the lab was brought up with. Needs root where that is not the machine's.
enter_release() {
  local root
  IN_RELEASE=()
  if [[ -s $LAB/release ]]; then
    LAB_RELEASE=$(< "$LAB/release")
  fi
  if _wants_tree; then
    root=$(release_root)
    [[ -e $root/.complete ]] ||
      die "the tree of $LAB_RELEASE is gone from the cache: bring the lab down, and up again"
    # shellcheck disable=SC2034 # used by the other parts
    IN_RELEASE=(
      unshare --mount --propagation private -- "$ROOT/lab/lib/enter-release" "$root"
      # With the directory that the lab is in come the labs beside it, to which domains migrate.
      "${LAB%/*}" --
    )
  fi
}

# The tree is named after what it is made by, so that another list of packages gets another tree.
release_root() {
  local key
  key=$({
    printf '%s\n' "${RELEASE_PACKAGES[@]}"
    declare -f _build_release
  } | sha256sum)
  echo "$CACHE/release/$LAB_RELEASE-${key:0:12}"
}

# Prints the address of a Debian archive: $DISKPLUG_DEBIAN_MIRROR, or the one that apt uses.
debian_archive() {
  local address=${DISKPLUG_DEBIAN_MIRROR:-}
  if [[ -z $address ]]; then
    # shellcheck disable=SC2016 # apt's words, not the shell's
    address=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 2> /dev/null |
      sed -n 's/^Debian \(http[^ ]*\)$/\1/p' | head -n 1)
  fi
  [[ -n $address ]] || die 'release: apt knows no Debian archive; name one in DISKPLUG_DEBIAN_MIRROR'
  echo "$address"
}

# _apt_in ROOT ARGS...: apt-get in a tree.
_apt_in() {
  local root=$1
  shift
  unshare --mount --propagation private -- "$ROOT/lab/lib/enter-release" "$root" -- \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root DEBIAN_FRONTEND=noninteractive \
    ${http_proxy:+"http_proxy=$http_proxy"} \
    apt-get -q -y -o APT::Sandbox::User=root -o DPkg::Options::=--force-unsafe-io "$@" < /dev/null
}

# _build_release ROOT: the packages of a release, from nothing.
_build_release() {
  local root=$1 archive suite=${LAB_RELEASE%-backports} from=() package packages=()
  archive=$(debian_archive)
  debootstrap --variant=minbase "$suite" "$root" "$archive"
  # No service is started in it.
  printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  if [[ $LAB_RELEASE != "$suite" ]]; then
    printf 'deb %s %s main\n' "$archive" "$LAB_RELEASE" > "$root/etc/apt/sources.list.d/more.list"
    from=(-t "$LAB_RELEASE")
  fi
  _apt_in "$root" update
  for package in "${RELEASE_PACKAGES[@]}"; do
    if _apt_in "$root" "${from[@]}" -s install "$package" > /dev/null 2>&1; then
      packages+=("$package")
    fi
  done
  _apt_in "$root" "${from[@]}" --no-install-recommends install "${packages[@]}"
  _apt_in "$root" clean
}

# Sees to it that the tree of the lab's release is in the cache.
ensure_release() {
  local root build rc=0
  _wants_tree || return 0
  ((EUID == 0)) || die "the daemons of another release want root, for a mount namespace"
  root=$(release_root)
  mkdir -p "$CACHE/release"
  if [[ -e $root/.complete ]]; then
    touch "$root"
    return
  fi
  (
    flock 9
    if [[ ! -e $root/.complete ]]; then
      if ! has_apt; then
        echo "Another release comes from Debian packages, and there is no apt-get here." >&2
        exit 2
      fi
      command -v debootstrap > /dev/null || install_packages debootstrap
      say "release: fetching $LAB_RELEASE, which takes two minutes"
      build=$CACHE/release/.build-$LAB_RELEASE
      rm -rf --one-file-system "$build"
      # Trees that no 'up' has used for 30 days. Not sooner: another checkout may use another list of
      # packages.
      find "$CACHE/release" -mindepth 1 -maxdepth 1 -type d -mtime +30 \
        -exec rm -rf --one-file-system {} +
      # Not in a condition: there, bash would go on after an error in it.
      set +e
      (
        set -e
        _build_release "$build"
      ) > "$CACHE/release/$LAB_RELEASE.log" 2>&1
      rc=$?
      set -e
      ((rc == 0)) || die "release: $LAB_RELEASE could not be made" "$CACHE/release/$LAB_RELEASE.log"
      mv -T "$build" "$root"
      touch "$root/.complete"
      say "release: $LAB_RELEASE is in the cache"
    fi
  ) 9> "$CACHE/release-$LAB_RELEASE.lock"
}

# Installs the release's own client of libvirt, a JRE and what bin/lab needs into the tree, once.
ensure_release_client() {
  local root jre mark from=()
  ensure_release
  root=$(release_root)
  mark=$(printf '%s\n' "${LAB_NEEDS[@]}" "${LAB_DRIVERS[@]}" "${RELEASE_JRES[@]}" | sha256sum)
  mark=$root/.client-${mark:0:12}
  if [[ $LAB_RELEASE == *-backports ]]; then
    from=(-t "$LAB_RELEASE")
  fi
  (
    flock 9
    if [[ ! -e $mark ]]; then
      say "release: fetching the client of $LAB_RELEASE"
      for jre in "${RELEASE_JRES[@]}"; do
        if _apt_in "$root" "${from[@]}" -s install "$jre" > /dev/null 2>&1; then
          break
        fi
      done
      _apt_in "$root" "${from[@]}" --no-install-recommends install \
        "${LAB_NEEDS[@]#*:}" "${LAB_DRIVERS[@]}" "$jre" \
        > "$CACHE/release/$LAB_RELEASE-client.log" 2>&1 ||
        die "release: no client of $LAB_RELEASE" "$CACHE/release/$LAB_RELEASE-client.log"
      _apt_in "$root" clean
      touch "$mark"
    fi
  ) 9> "$CACHE/release-$LAB_RELEASE.lock"
}

# release_java FILE BIND...: makes FILE run the release's own java, with its own libraries, in its
# tree. BIND are the directories that it finds there as they are here.
release_java() {
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  {
    printf '#!/usr/bin/env bash\n'
    printf 'exec unshare --mount --propagation private -- %q' "$ROOT/lab/lib/enter-release"
    printf ' %q' "$(release_root)" "$@"
    # shellcheck disable=SC2016 # the file's own words
    printf ' -- env -C "$PWD" DISKPLUG_IN_RELEASE=%q /usr/bin/java "$@"\n' "$LAB_RELEASE"
  } > "$file"
  chmod 755 "$file"
}
