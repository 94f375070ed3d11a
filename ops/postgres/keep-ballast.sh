#!/usr/bin/env bash
# Keeps a file of no use beside the cluster. Deleted (make free-ballast) it is the room in which a server on a full disk
# starts again: without room for its log it cannot even recover.
#   keep-ballast.sh MEBIBYTES        0 removes it
set -Eeuo pipefail

# Base backups leave out what is called pgsql_tmp*, and the server clears such names in other folders only.
readonly ballast="$PGDATA/pgsql_tmp_ballast"

is_there() { [[ "$(stat --format=%s "$ballast" 2>/dev/null)" == "$(($1 * 1024 * 1024))" ]]; }

# The ballast must not fill the disk itself; and while the disk is full again, freed space stays free.
has_room() { (($(df --output=avail --block-size=1M "$PGDATA" | tail -n 1) >= 2 * $1)); }

reserve() {
  fallocate --length "$1MiB" "$ballast.partial" 2>/dev/null && return
  # Not zeros: a file system that cannot reserve may well compress.
  dd if=/dev/urandom of="$ballast.partial" bs=1M count="$1" status=none
}

main() {
  local size_mb=$1
  is_there "$size_mb" && return
  trap 'rm -f "$ballast.partial"' EXIT
  rm -f "$ballast"
  ((size_mb > 0)) || return 0
  if ! has_room "$size_mb"; then
    printf 'no ballast: less than twice its %s MiB is free in %s\n' "$size_mb" "$PGDATA" >&2
    return
  fi
  reserve "$size_mb"
  mv "$ballast.partial" "$ballast"
}

main "$@"
