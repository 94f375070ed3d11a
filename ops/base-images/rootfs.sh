#!/usr/bin/env bash
# Writes a minimal Debian root file system as a tar archive on stdout. Needs root and debootstrap.
# Example: ops/base-images/rootfs.sh trixie "$(ops/base-images/debian-mirror.sh)" > rootfs.tar
set -Eeuo pipefail

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The same paths as Debian's own slim images; copyright files stay, as their licences ask.
write_slim_rules() {
  printf '%s\n' 'path-exclude /usr/share/doc/*' 'path-include /usr/share/doc/*/copyright' 'path-exclude /usr/share/man/*' \
    'path-exclude /usr/share/info/*' 'path-exclude /usr/share/groff/*' 'path-exclude /usr/share/locale/*' \
    'path-exclude /usr/share/lintian/*' 'path-exclude /usr/share/bash-completion/*' >"$1/etc/dpkg/dpkg.cfg.d/slim"
  printf '%s\n' 'APT::Install-Recommends "false";' 'Acquire::Languages "none";' 'APT::AutoRemove::SuggestsImportant "false";' \
    >"$1/etc/apt/apt.conf.d/90slim"
  printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d" && chmod 0755 "$1/usr/sbin/policy-rc.d"
}

strip_what_slim_leaves_out() {
  find "$1/usr/share/doc" ! -type d ! -name copyright -delete
  find "$1/usr/share/doc" -type d -empty -delete
  rm -rf "$1"/usr/share/{man,info,groff,lintian,bash-completion}/* "$1"/usr/share/locale/*
  rm -rf "$1"/var/{cache,log}/* "$1"/var/lib/apt/lists/* "${1:?}"/{dev,proc,run,tmp}/*
  mkdir -p "$1/var/cache/apt/archives/partial" "$1/var/lib/apt/lists/partial"
  # The mirror of the machine that built this must not be in the image.
  : >"$1/etc/apt/sources.list" && : >"$1/etc/resolv.conf" && : >"$1/etc/hostname"
}

# debootstrap fetches with wget, which does not read apt's proxy settings.
export_apt_proxy() {
  local http='' https=''
  command -v apt-config >/dev/null || return 0
  eval "$(apt-config shell http Acquire::http::Proxy https Acquire::https::Proxy)"
  if [[ -n $http ]]; then export http_proxy=$http; fi
  if [[ -n $https ]]; then export https_proxy=$https; fi
}

main() {
  local suite=$1 mirror=$2 work
  # Not below /tmp, which may be in memory; the trap takes it away.
  work=$(mktemp -d "${TMPDIR:-/var/tmp}/slipway-rootfs.XXXXXX")
  # shellcheck disable=SC2064  # the path of now
  trap "rm -rf ${work@Q}" EXIT
  export_apt_proxy
  debootstrap --variant=minbase --keyring="$keyring" "$suite" "$work/root" "$mirror" >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    printf 'error: no root file system of %s from %s\n  hint: the lines above are the end of debootstrap'"'"'s log\n' "$suite" "$mirror" >&2
    exit 1
  }
  write_slim_rules "$work/root"
  strip_what_slim_leaves_out "$work/root"
  tar -C "$work/root" --numeric-owner --one-file-system -cf - .
}

main "$@"
