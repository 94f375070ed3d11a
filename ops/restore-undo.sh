#!/usr/bin/env bash
# Goes back to what the last restore has set aside, after a question (YES=1 answers it). What is live now is kept in its turn,
# so that a second time brings it back.
#   ops/restore-undo.sh             YES=1 ops/restore-undo.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/restore-parts.sh
source "$(dirname "$0")/restore-parts.sh"

last() { sed -n "s/^$1=//p" "$(last_restore_file)" 2>/dev/null || true; }

undo_moment() {
  local volume
  volume=$(last volume)
  say "the last restore was one to a moment: the volume of the database becomes $volume again, $(pgdata_volume) is kept"
  ask 'put that volume back' "$volume"
  exec "$root/ops/switch-volume.sh" "$volume"
}

undo_database() {
  local database
  require_database
  compose up --detach --no-recreate db
  wait_for_database
  plan=$(restore_verb restore-undo --dry-run)
  say "$plan"
  database=$(sed -nE 's/^(replaces|makes) *database ([^,:]*)[,:] .*/\2/p' <<<"$plan")
  ask 'replace that database' "$database"
  "$root/ops/swap-live.sh" restore-undo
}

main() {
  require_engine 'the database runs in a container' 'start the engine, then: make up'
  take_lock restore
  if [[ "$(last kind)" == moment ]]; then undo_moment; else undo_database; fi
}

main "$@"
