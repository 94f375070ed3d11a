#!/usr/bin/env bash
# Makes the image slipway-base/debian:trixie, labelled with the hash of its inputs. Needs root; installs debootstrap when missing.
# Example: ops/base-images/import-debian.sh 0123456789abcdef
set -Eeuo pipefail

parts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
  printf 'error: %s\n  hint: %s\n' "$1" "$2" >&2
  exit 1
}

need_debootstrap() {
  local install=(apt-get -q install -y --no-install-recommends debootstrap debian-archive-keyring)
  ((EUID == 0)) || fail 'only root can run debootstrap' 'once, with the same Docker engine: sudo ops/base-images.sh; then: make up'
  if command -v debootstrap >/dev/null; then return; fi
  command -v apt-get >/dev/null || fail 'debootstrap is not installed' 'install debootstrap and the keyring of the Debian archive'
  export DEBIAN_FRONTEND=noninteractive
  "${install[@]}" >&2 && return
  apt-get -q update >&2
  "${install[@]}" >&2
}

main() {
  local tar mirror
  need_debootstrap
  mirror=$("$parts/debian-mirror.sh")
  # Outside the checkout, whose disk may be small; the trap takes it away.
  tar=$(mktemp "${TMPDIR:-/var/tmp}/slipway-rootfs.XXXXXX.tar")
  # shellcheck disable=SC2064  # the path of now
  trap "rm -f ${tar@Q}" EXIT
  # A file and not a pipe: half a root file system would be imported without a word.
  "$parts/rootfs.sh" trixie "$mirror" >"$tar"
  docker import --change "LABEL slipway.inputs=$1" --change 'CMD ["bash"]' "$tar" slipway-base/debian:trixie >/dev/null
}

main "$@"
