#!/usr/bin/env bash
# Unpacks PostgreSQL 17 (server, pg_dump, pg_restore, psql) out of Debian trixie packages into a folder of its own and prints
# the folder of its programs. Needs no root and changes nothing else. SLIPWAY_POSTGRES_17_DIR names another folder.
# Example: export TEST_PG_BIN=$(test/support/install-postgres-17.sh)
set -Eeuo pipefail
# shellcheck source=test/support/debian-packages.sh
source "$(dirname "${BASH_SOURCE[0]}")/debian-packages.sh"

# As root the server runs as somebody else, to whom /root is closed.
if ((EUID == 0)); then default_dir=/var/lib/slipway-postgres-17; else default_dir=${XDG_CACHE_HOME:-$HOME/.cache}/slipway-postgres-17; fi
target=${SLIPWAY_POSTGRES_17_DIR:-$default_dir}
bin=usr/lib/postgresql/17/bin
# What the programs load; just-in-time compilation (llvm, z3: 35 MB) is optional to them and left out.
wanted='^(postgresql-17|postgresql-client-17|tzdata|zlib1g|lib.*)$'
unwanted='^lib(llvm|z3|perl|json-perl|io-pty|ipc-run|text-)'

wrap_programs() {
  local program name
  mv "$work/root/$bin" "$work/root/$bin.real" && mkdir "$work/root/$bin"
  for program in "$work/root/$bin.real"/*; do
    name=${program##*/}
    wrapper "$target" "$bin.real/$name" "$target/$bin/$name" >"$work/root/$bin/$name"
  done
  chmod 0755 "$work/root/$bin"/*
}

main() {
  if [[ ! -x $target/$bin/postgres ]]; then
    work=$target.partial
    rm -rf "$work" && mkdir -p "$work"
    unpack_debian trixie "$work/root" "$wanted" "$unwanted" postgresql-17 postgresql-client-17
    wrap_programs
    rm -rf "$target" && mv "$work/root" "$target" && rm -rf "$work"
  fi
  "$target/$bin/postgres" --version >&2
  printf '%s\n' "$target/$bin"
}

main "$@"
