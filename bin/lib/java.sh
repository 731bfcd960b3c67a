# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A JDK and Maven for whoever builds. Needs say.sh and packages.sh.

JAVA_MINIMUM=17

# jdk_version HOME: the feature version of the JDK in HOME, 0 if there is none.
_jdk_version() {
  local line=''
  if [[ -x $1/bin/javac ]]; then
    line=$("$1/bin/javac" -version 2>&1) || line=''
  fi
  if [[ $line =~ javac\ ([0-9]+) ]]; then
    echo "${BASH_REMATCH[1]}"
  else
    echo 0
  fi
}

# Prints the home of a JDK that is new enough: $JAVA_HOME, the one in PATH, or an installed one.
_find_jdk() {
  local home javac
  javac=$(readlink -f "$(command -v javac || echo /nonexistent/bin/javac)")
  for home in "${JAVA_HOME:-/nonexistent}" "${javac%/bin/javac}" /usr/lib/jvm/*; do
    if (($(_jdk_version "$home") >= JAVA_MINIMUM)); then
      echo "$home"
      return 0
    fi
  done
  return 1
}

# Sees to it that a JDK (17 or later) and Maven are there, and exports JAVA_HOME.
ensure_jdk_and_maven() {
  local missing=()
  _find_jdk > /dev/null || missing+=(default-jdk-headless)
  command -v mvn > /dev/null || missing+=(maven)
  if ((${#missing[@]} > 0)); then
    if ! has_apt; then
      echo "Please install a JDK ($JAVA_MINIMUM or later) and Maven." >&2
      exit 2
    fi
    install_packages "${missing[@]}"
  fi
  JAVA_HOME=$(_find_jdk) || die "no JDK $JAVA_MINIMUM or later, even after installing one"
  export JAVA_HOME
}
