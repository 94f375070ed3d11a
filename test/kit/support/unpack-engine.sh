#!/usr/bin/env bash
# Unpacks Docker engine, client, compose and buildx of a Debian suite into DIR, without installing any of them. Does nothing when they are there.
# Example: test/kit/support/unpack-engine.sh /var/lib/slipway-engine/root trixie
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# tini: `init: true` mounts its static binary into containers; a package of its own after trixie.
packages=(docker.io docker-cli docker-compose docker-buildx containerd tini)

# A package list, state and cache of our own: the machine's apt sources stay as they are, its apt.conf still counts.
write_apt_sources() {
  local mirror
  mirror=$("$here/../../../../ops/base-images/debian-mirror.sh")
  mkdir -p "$work"/apt/{lists/partial,parts,cache/archives/partial}
  : >"$work/apt/status"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$mirror" "$1" >"$work/apt/sources.list"
}

private_apt() {
  local apt=$work/apt
  # sid is signed for a week only, and a mirror behind a wall lags: what counts is the signature.
  apt-get -q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/parts" -o Dir::State::lists="$apt/lists" \
    -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root \
    -o Acquire::Check-Valid-Until=false "$@"
}

download_packages() {
  rm -rf "$work" && mkdir -p "$work/debs"
  [[ $1 == trixie ]] || packages+=(tini-static)
  write_apt_sources "$1"
  private_apt update >&2
  (cd "$work/debs" && private_apt download "${packages[@]}" >&2)
}

main() {
  local into=$1 suite=$2 work=$1.work deb
  if [[ -x $into/usr/sbin/dockerd ]]; then return; fi
  download_packages "$suite"
  # Unpacked beside and renamed: a killed unpack is never taken for an engine.
  for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/root"; done
  rm -rf "$into"
  mv "$work/root" "$into"
  rm -rf "$work"
}

main "$@"
