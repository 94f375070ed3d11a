#!/usr/bin/env bash
# Makes sure that a database server runs for the restore. When the server does not start, then after a
# question (YES=1 answers it) an empty one takes its place, and the volume that it does not start from is kept. Prints that
# volume, or nothing. Called by restore.sh.
#   ops/provide-server.sh
set -Eeuo pipefail
# shellcheck source=ops/live-switch.sh
source "$(dirname "$0")/live-switch.sh"

# A slow server is not replaced: only one that ran from the volume and died.
start_db() {
  local code=0
  compose up --detach --no-build --no-deps "$@" db >&2 || die 'the container of the database cannot be started' 'the reason is above; the volume of the database is what it was'
  (wait_for_database) || code=$?
  ((code == 0 || code == database_died)) || exit "$code"
  return "$code"
}

main() {
  local broken volume
  if start_db --no-recreate; then return; fi
  broken=$(pgdata_volume)
  say "the database does not start from its volume $broken: make logs SERVICE=db says why"
  ask "keep that volume and restore into an empty database" empty
  volume=$(project)_pgdata_$(now)
  make_volume "$volume"
  point_at "PGDATA_VOLUME=$volume"
  if ! start_db --force-recreate; then
    point_at "PGDATA_VOLUME=$broken"
    docker volume rm --force "$volume" >/dev/null
    die 'an empty database does not start either' 'make logs SERVICE=db; the volume of the database is what it was'
  fi
  printf '%s\n' "$broken"
}

main "$@"
