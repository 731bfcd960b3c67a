# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Checks the shell scripts of this repository. Needs say.sh and packages.sh; ROOT is the checkout.

# Prints every shell script under bin, lab and .ci.
_shell_scripts() {
  local file
  find "$ROOT/bin" "$ROOT/lab" "$ROOT/.ci" -type f | sort | while IFS= read -r file; do
    if [[ $file == *.sh || $(head -c 64 "$file") == '#!'*bash* ]]; then
      echo "$file"
    fi
  done
}

# Runs shellcheck over them. Where it is neither there nor to be had, says so and goes on.
check_shell_scripts() {
  local scripts
  if ! command -v shellcheck > /dev/null && has_apt; then
    (install_packages shellcheck) || true
  fi
  if ! command -v shellcheck > /dev/null; then
    say 'shellcheck is not installed: the shell scripts are not checked'
    return
  fi
  mapfile -t scripts < <(_shell_scripts)
  shellcheck -x "${scripts[@]}" >&2 || die 'shellcheck has complaints'
  say "shellcheck: ${#scripts[@]} scripts are clean"
}
