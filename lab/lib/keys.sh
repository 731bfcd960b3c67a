# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Keys and passwords: new ones for each lab, in files that only the lab's account can read, never
# in a message, a log or (with the one exception in iscsi.sh) a process argument.

# make_ceph_key NAME: a new key in LAB/secret/NAME.key, base64 as Ceph writes it.
make_ceph_key() {
  ceph-authtool --gen-print-key | tr -d '\n' | write_private "$LAB/secret/$1.key"
}

# make_password NAME: 16 letters and digits in LAB/secret/NAME.password.
make_password() {
  local - text
  set +x
  text=$(head -c 512 /dev/urandom | base64 -w 0)
  text=${text//[^A-Za-z0-9]/}
  printf '%s' "${text:0:16}" | write_private "$LAB/secret/$1.password"
}

make_keys() {
  lab_owned "$LAB/secret"
  make_ceph_key wrong-ceph
  make_password chap
  make_password wrong-chap
}

# define_secret UUID TYPE USAGE FILE [--plain]: a libvirt secret with the value in FILE.
_define_secret() {
  local uuid=$1 type=$2 usage=$3 file=$4
  lab_virsh secret-define /dev/stdin >> "$LAB/log/secrets.out" 2>&1 << XML || return 1
<secret ephemeral='no' private='yes'>
  <uuid>$uuid</uuid>
  <usage type='$type'>$usage</usage>
</secret>
XML
  lab_virsh secret-set-value "$uuid" --file "$file" "${@:5}" >> "$LAB/log/secrets.out" 2>&1
}

# The value of a ceph secret is the decoded key; a password is its own value.
define_secrets() {
  local name log=$LAB/log/secrets.out
  for name in ceph wrong-ceph chap wrong-chap; do
    new_uuid > "$LAB/libvirt/secret.$name"
  done
  if ! {
    _define_secret "$(< "$LAB/libvirt/secret.ceph")" \
      ceph '<name>diskplug-lab ceph</name>' "$LAB/secret/client.cinder.key" &&
      _define_secret "$(< "$LAB/libvirt/secret.wrong-ceph")" \
        ceph '<name>diskplug-lab wrong-ceph</name>' "$LAB/secret/wrong-ceph.key" &&
      _define_secret "$(< "$LAB/libvirt/secret.chap")" \
        iscsi '<target>diskplug-lab-chap</target>' "$LAB/secret/chap.password" --plain &&
      _define_secret "$(< "$LAB/libvirt/secret.wrong-chap")" \
        iscsi '<target>diskplug-lab-wrong-chap</target>' "$LAB/secret/wrong-chap.password" --plain
  }; then
    die 'libvirt: a secret could not be defined' "$log"
  fi
}
