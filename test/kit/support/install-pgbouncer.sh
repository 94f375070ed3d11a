#!/usr/bin/env bash
# Unpacks PgBouncer out of Debian packages (trixie) into a folder of its own and prints the program. Needs no root and changes
# nothing else. SLIPWAY_PGBOUNCER_DIR names another folder.
# Example: export TEST_PGBOUNCER=$(test/kit/support/install-pgbouncer.sh)
set -Eeuo pipefail
# shellcheck source=test/kit/support/debian-packages.sh
source "$(dirname "${BASH_SOURCE[0]}")/debian-packages.sh"

if ((EUID == 0)); then default_dir=/var/lib/slipway-pgbouncer; else default_dir=${XDG_CACHE_HOME:-$HOME/.cache}/slipway-pgbouncer; fi
target=${SLIPWAY_PGBOUNCER_DIR:-$default_dir}

main() {
  work=$target.partial
  if [[ ! -x $target/bin/pgbouncer ]]; then
    rm -rf "$work" && mkdir -p "$work/root/bin"
    unpack_debian trixie "$work/root" '^(pgbouncer|zlib1g|lib.*)$' '^lib(perl|debconf|llvm)' pgbouncer
    wrapper "$target" usr/sbin/pgbouncer "$target/bin/pgbouncer" >"$work/root/bin/pgbouncer"
    chmod 0755 "$work/root/bin/pgbouncer"
    rm -rf "$target" && mv "$work/root" "$target" && rm -rf "$work"
  fi
  "$target/bin/pgbouncer" --version >&2
  printf '%s\n' "$target/bin/pgbouncer"
}

main "$@"
