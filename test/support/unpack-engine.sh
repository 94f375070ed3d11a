#!/usr/bin/env bash
# Unpacks Docker engine, client, compose and buildx of Debian's trixie into DIR/root, without installing any of them. Does nothing when they are there.
# Example: test/support/unpack-engine.sh /var/lib/slipway-engine
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# tini: `init: true` mounts its static binary into containers.
packages=(docker.io docker-cli docker-compose docker-buildx containerd tini)

# A package list, state and cache of our own: the machine's apt sources stay as they are, its apt.conf still counts.
write_apt_sources() {
  local mirror
  mirror=$("$here/../../ops/base-images/debian-mirror.sh")
  mkdir -p "$dir"/apt/{lists/partial,parts,cache/archives/partial}
  : >"$dir/apt/status"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' "$mirror" >"$dir/apt/sources.list"
}

private_apt() {
  local apt=$dir/apt
  apt-get -q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/parts" -o Dir::State::lists="$apt/lists" \
    -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root "$@"
}

download_packages() {
  rm -rf "$dir/debs" && mkdir -p "$dir/debs"
  write_apt_sources
  private_apt update >&2
  (cd "$dir/debs" && private_apt download "${packages[@]}" >&2)
}

main() {
  local dir=$1 deb
  if [[ -x $dir/root/usr/sbin/dockerd ]]; then return; fi
  download_packages
  # Unpacked beside and renamed: a killed unpack is never taken for an engine.
  rm -rf "$dir/root" "$dir/root.partial"
  for deb in "$dir"/debs/*.deb; do dpkg -x "$deb" "$dir/root.partial"; done
  mv "$dir/root.partial" "$dir/root"
  rm -rf "$dir/debs" "$dir/apt"
}

main "$@"
