# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# TCP ports on loopback. Two labs may pick the same ones at the same moment: whoever finds a port
# taken when binding it picks again, PORT_TRIES times.

# shellcheck disable=SC2034 # used by the other parts
PORT_TRIES=6
# Below the range that the system hands out to clients.
_PORT_FIRST=20000
_PORT_BLOCKS=700
_PORT_BLOCK=16

# Prints every local TCP port in use, one a line.
_ports_in_use() {
  local _ address rest
  for rest in /proc/net/tcp /proc/net/tcp6; do
    if [[ -r $rest ]]; then
      while read -r _ address _; do
        if [[ $address == *:???? ]]; then
          echo $((16#${address##*:}))
        fi
      done < "$rest"
    fi
  done
}

# Prints the first of 16 ports in a row, none of which is in use.
pick_ports() {
  local used first port taken
  used=" $(_ports_in_use | tr '\n' ' ') "
  while :; do
    first=$((_PORT_FIRST + _PORT_BLOCK * (SRANDOM % _PORT_BLOCKS)))
    taken=no
    for ((port = first; port < first + _PORT_BLOCK; port++)); do
      if [[ $used == *" $port "* ]]; then
        taken=yes
      fi
    done
    if [[ $taken == no ]]; then
      echo "$first"
      return
    fi
  done
}
