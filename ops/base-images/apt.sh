#!/usr/bin/env bash
# apt inside a build of ./Dockerfile, with the mirror and the apt settings of the machine that builds (secrets apt and ca: no layer keeps them).
# Example: /build/apt.sh install trixie postgresql-17 pgbackrest
#          /build/apt.sh unpack sid caddy:2 prometheus:3     (package:major, files only, into /unpacked)
set -Eeuo pipefail

export APT_CONFIG=/run/secrets/apt DEBIAN_FRONTEND=noninteractive

update_lists() {
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$DEBIAN_MIRROR" "$1" \
    >/etc/apt/sources.list
  # sid is signed for a week only, and a mirror behind a wall lags: what counts is the signature.
  apt-get -q -o Acquire::Check-Valid-Until=false update
}

install_packages() {
  apt-get -q install -y --no-install-recommends "$@"
  rm -rf /var/log/* /var/cache/debconf/*-old
}

# The tag of an image promises a major version; sid moves.
refuse_other_major() {
  local version
  version=$(dpkg-deb -f "$1" Version)
  [[ $version == "$2".* ]] && return
  printf 'error: %s has version %s, expected major %s\n  hint: raise the major in ops/base-images\n' "$1" "$version" "$2" >&2
  exit 1
}

unpack_packages() {
  local wanted deb
  mkdir -p /unpacked /tmp/debs && cd /tmp/debs
  for wanted in "$@"; do
    apt-get -q -o APT::Sandbox::User=root download "${wanted%:*}"
    deb=$(printf '%s\n' "${wanted%:*}"_*.deb)
    refuse_other_major "$deb" "${wanted#*:}"
    dpkg-deb -x "$deb" /unpacked
  done
}

main() {
  local verb=$1 suite=$2
  shift 2
  update_lists "$suite"
  "${verb}_packages" "$@"
  : >/etc/apt/sources.list
}

main "$@"
