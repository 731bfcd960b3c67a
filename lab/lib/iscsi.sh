# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# An iSCSI target daemon with two targets: one open to anybody, one that wants CHAP.

ISCSI_IQN=iqn.2026-01.io.diskplug
ISCSI_CHAP_USER=diskplug

# tgtd takes orders from uid 0 only. A user namespace in which the lab's account is uid 0 makes it
# content, and gives it no right that the account did not have. Where such namespaces are switched
# off it has to be the real root.
choose_tgt_user() {
  if [[ -s $LAB/iscsi/as ]]; then
    mapfile -t TGT_AS < "$LAB/iscsi/as"
    return
  fi
  if [[ ${DISKPLUG_TGT_AS:-} != root ]] &&
    "${IN_RELEASE[@]}" "${AS_LAB_USER[@]}" unshare -Ur true 2> /dev/null; then
    TGT_AS=("${AS_LAB_USER[@]}" unshare -Ur)
  elif ((EUID == 0)); then
    TGT_AS=(env)
  else
    TGT_AS=(sudo -n env "TGT_IPC_SOCKET=$LAB/iscsi/tgtd")
    sudo -n true 2> /dev/null || die "iscsi: tgtd needs a user namespace of its own or root:\
 neither 'unshare -Ur' nor 'sudo -n' works here"
  fi
  printf '%s\n' "${TGT_AS[@]}" > "$LAB/iscsi/as"
}

_tgtadm() {
  choose_tgt_user
  timeout 10 "${CLEAN_ENV[@]}" "${TGT_AS[@]}" tgtadm --lld iscsi "$@"
}

_portal_is_open() {
  _tgtadm --op show --mode portal 2> /dev/null | grep -q "127.0.0.1:$1"
}

_tgtd_answers() {
  _tgtadm --op show --mode portal > /dev/null 2>&1
}

# _start_tgtd PORT: fails if the port was not to be had (tgtd itself would go on without).
_start_tgtd() {
  local port=$1 as_user=("${AS_LAB_USER[@]}")
  choose_tgt_user
  AS_LAB_USER=("${TGT_AS[@]}")
  spawn tgtd tgtd -f --pid-file "$LAB/iscsi/tgtd.pid" --iscsi "portal=127.0.0.1:$port"
  AS_LAB_USER=("${as_user[@]}")
  WAIT_FOR=tgtd wait_until 10 _tgtd_answers || return 1
  if [[ ${TGT_AS[0]} == sudo ]]; then
    # What was started is sudo; the daemon is its child.
    record_process tgtd "$(< "$LAB/iscsi/tgtd.pid")"
  fi
  _portal_is_open "$port"
}

_start_tgtd_somewhere() {
  local try port
  for ((try = 1; try <= PORT_TRIES; try++)); do
    port=$(($(pick_ports) + 1))
    if _start_tgtd "$port"; then
      printf '%s\n' "$port" > "$LAB/iscsi/port"
      return
    fi
    if ! grep -qs 'failed to create/bind' "$LAB/log/tgtd.out"; then
      break
    fi
    say "iscsi: port $port was taken meanwhile, trying another"
    stop_process tgtd KILL 5
    rm -f "$LAB/log/tgtd.out"
  done
  die 'iscsi: tgtd did not start' "$LAB/log/tgtd.out"
}

_target_id() {
  case $1 in
    open) echo 1 ;;
    chap) echo 2 ;;
    *) die "no target '$1': there are open and chap" ;;
  esac
}

# add_lun open|chap LUN SIZE: a new empty LUN; SIZE as truncate(1) takes it, for example 32M.
add_lun() {
  local tid file=$LAB/iscsi/$1-$2.img
  tid=$(_target_id "$1") || exit 1
  if [[ ! $2 =~ ^[1-9][0-9]*$ || ! $3 =~ ^[1-9][0-9]*[KMG]?$ ]]; then
    die 'a LUN is a number from 1, a size is bytes or a number with K, M or G'
  fi
  if [[ -e $file ]]; then
    die "target $1 has a LUN $2 already"
  fi
  "${AS_LAB_USER[@]}" truncate -s "$3" "$file"
  if ! _tgtadm --op new --mode logicalunit --tid "$tid" --lun "$2" -b "$file" \
    >> "$LAB/log/iscsi-setup.out" 2>&1; then
    rm -f "$file"
    die "iscsi: LUN $2 could not be added to target $1" "$LAB/log/iscsi-setup.out"
  fi
}

remove_lun() {
  local tid file=$LAB/iscsi/$1-$2.img
  tid=$(_target_id "$1") || exit 1
  if [[ ! $2 =~ ^[1-9][0-9]*$ || ! -e $file ]]; then
    die "target $1 has no LUN $2"
  fi
  _tgtadm --op delete --mode logicalunit --tid "$tid" --lun "$2" \
    >> "$LAB/log/iscsi-setup.out" 2>&1 ||
    die "iscsi: LUN $2 could not be removed from target $1" "$LAB/log/iscsi-setup.out"
  rm -f "$file"
}

# tgtadm has no way to take a password but its command line, where it can be seen for the moment
# that the call takes. It is random, and good for nothing but this lab.
_add_chap_account() {
  local -
  set +x
  _tgtadm --op new --mode account --user "$ISCSI_CHAP_USER" \
    --password "$(< "$LAB/secret/chap.password")"
}

start_iscsi() {
  local log=$LAB/log/iscsi-setup.out
  lab_owned "$LAB/iscsi"
  _start_tgtd_somewhere
  {
    _tgtadm --op new --mode target --tid 1 -T "$ISCSI_IQN:open" &&
      _tgtadm --op new --mode target --tid 2 -T "$ISCSI_IQN:chap" &&
      _add_chap_account &&
      _tgtadm --op bind --mode account --tid 2 --user "$ISCSI_CHAP_USER" &&
      _tgtadm --op bind --mode target --tid 1 -I ALL &&
      _tgtadm --op bind --mode target --tid 2 -I ALL
  } >> "$log" 2>&1 || die 'iscsi: the targets could not be set up' "$log"
  add_lun open 1 32M
  add_lun chap 1 48M
  say "iscsi: targets open and chap on 127.0.0.1:$(< "$LAB/iscsi/port")"
}

# lun_command add TARGET LUN SIZE | rm TARGET LUN
lun_command() {
  case ${1:-}/$# in
    add/4)
      add_lun "$2" "$3" "$4"
      say "iscsi: $2 has a LUN $3 of $4"
      ;;
    rm/3)
      remove_lun "$2" "$3"
      say "iscsi: $2 has no LUN $3 any more"
      ;;
    *) die 'usage: bin/lab lun add open|chap LUN SIZE, or: bin/lab lun rm open|chap LUN' ;;
  esac
}
