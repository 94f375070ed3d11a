#!/usr/bin/env bash
# Unpacks a PostgreSQL (server, pg_dump, pg_restore, psql) out of Debian packages into a folder of its own and prints the folder
# of its programs: 17 of trixie, 18 of sid. Needs no root and changes nothing else. SLIPWAY_POSTGRES_17_DIR and
# SLIPWAY_POSTGRES_18_DIR name other folders.
# Example: export TEST_PG_18_BIN=$(test/kit/support/install-postgres.sh 18)
set -Eeuo pipefail
# shellcheck source=test/kit/support/debian-packages.sh
source "$(dirname "${BASH_SOURCE[0]}")/debian-packages.sh"

major=${1:-17}
case $major in
  17) suite=trixie ;;
  18) suite=sid ;;
  *) fail "no Debian suite is known for PostgreSQL $major" 'test/kit/support/install-postgres.sh 17' ;;
esac
# Started as root, the server runs as another user, who cannot enter /root.
if ((EUID == 0)); then default_dir=/var/lib/slipway-postgres-$major; else default_dir=${XDG_CACHE_HOME:-$HOME/.cache}/slipway-postgres-$major; fi
named=SLIPWAY_POSTGRES_${major}_DIR
target=${!named:-$default_dir}
bin=usr/lib/postgresql/$major/bin
# What the programs load; just-in-time compilation (llvm, z3: 35 MB) is optional to them and left out.
wanted="^(postgresql-$major|postgresql-client-$major|tzdata|zlib1g|lib.*)\$"
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
    unpack_debian "$suite" "$work/root" "$wanted" "$unwanted" "postgresql-$major" "postgresql-client-$major"
    wrap_programs
    rm -rf "$target" && mv "$work/root" "$target" && rm -rf "$work"
  fi
  "$target/$bin/postgres" --version >&2
  printf '%s\n' "$target/$bin"
}

main
