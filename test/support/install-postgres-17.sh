#!/usr/bin/env bash
# Unpacks PostgreSQL 17 (server, pg_dump, pg_restore, psql) out of Debian trixie packages into a folder of its own and prints
# the folder of its programs. Needs no root and changes nothing else; the programs bring their own C library along, so that
# they run on Debian 12 too. SLIPWAY_POSTGRES_17_DIR names another folder.
# Example: export TEST_PG_BIN=$(test/support/install-postgres-17.sh)
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# As root the server runs as somebody else, to whom /root is closed.
if ((EUID == 0)); then default_dir=/var/lib/slipway-postgres-17; else default_dir=${XDG_CACHE_HOME:-$HOME/.cache}/slipway-postgres-17; fi
target=${SLIPWAY_POSTGRES_17_DIR:-$default_dir}
bin=usr/lib/postgresql/17/bin
packages=(postgresql-17 postgresql-client-17)
# What the programs load; just-in-time compilation (llvm, z3: 35 MB) is optional to them and left out.
wanted='^(postgresql-17|postgresql-client-17|tzdata|zlib1g|lib.*)$'
unwanted='^lib(llvm|z3|perl|json-perl|io-pty|ipc-run|text-)'

fail() {
  printf 'error: %s\n  hint: %s\n' "$1" "$2" >&2
  exit 1
}

private_apt() {
  local apt=$work/apt
  apt-get -q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/parts" -o Dir::State::lists="$apt/lists" \
    -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root "$@"
}

write_apt_sources() {
  mkdir -p "$work"/apt/{lists/partial,parts,cache/archives/partial} "$work/debs"
  : >"$work/apt/status"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' \
    "$("$here/../../ops/base-images/debian-mirror.sh")" >"$work/apt/sources.list"
}

# The resolver alone knows the closure: against an empty status file it lists every package, this machine's or not.
closure() {
  private_apt install --print-uris -y --no-install-recommends "${packages[@]}" |
    awk -F"[' ]+" '/^\047/ { split($3, part, "_"); print part[1] }' | grep -E "$wanted" | grep -Ev "$unwanted"
}

unpack() {
  local names deb
  write_apt_sources
  private_apt update >&2
  mapfile -t names < <(closure)
  ((${#names[@]} > 10)) || fail 'trixie offers no postgresql-17' "look at $target and at the machine's apt sources"
  (cd "$work/debs" && private_apt download "${names[@]}" >&2)
  for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/root"; done
  rm -rf "$work/apt" "$work/debs"
}

# Debian 12's loader cannot run these; theirs can, when told by name. --argv0 keeps PostgreSQL's search for its own folder right.
wrap_programs() {
  local program
  mv "$work/root/$bin" "$work/root/$bin.real" && mkdir "$work/root/$bin"
  for program in "$work/root/$bin.real"/*; do
    cat >"$work/root/$bin/${program##*/}" <<WRAPPER
#!/bin/sh
root='$target'
exec "\$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "\$root/usr/lib/x86_64-linux-gnu" --argv0 "\$root/$bin/${program##*/}" "\$root/$bin.real/${program##*/}" "\$@"
WRAPPER
  done
  chmod 0755 "$work/root/$bin"/*
}

main() {
  if [[ ! -x $target/$bin/postgres ]]; then
    command -v apt-get >/dev/null || fail 'this is no Debian' 'put the programs of PostgreSQL 17 somewhere and set TEST_PG_BIN'
    [[ $(uname -m) == x86_64 ]] || fail "made for x86_64 (got $(uname -m))" 'set TEST_PG_BIN to the programs of PostgreSQL 17'
    work=$target.partial
    rm -rf "$work" && mkdir -p "$work"
    unpack
    wrap_programs
    rm -rf "$target" && mv "$work/root" "$target" && rm -rf "$work"
  fi
  "$target/$bin/postgres" --version >&2
  printf '%s\n' "$target/$bin"
}

main "$@"
