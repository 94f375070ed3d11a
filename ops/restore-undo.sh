#!/usr/bin/env bash
# Goes back to the database or volume that the last restore set aside, after a question (YES=1 answers it). The present one is kept,
# so that a second run brings it back. After a restore that was killed in its switch it starts the former one.
#   ops/restore-undo.sh             YES=1 ops/restore-undo.sh
set -Eeuo pipefail
# shellcheck source=ops/live-switch.sh
source "$(dirname "$0")/live-switch.sh"

undo_volume() {
  local volume=$1
  say "the last restore was one to a moment: the volume of the database becomes $volume again, $(pgdata_volume) is kept"
  ask 'put that volume back' "$volume"
  "$root/ops/switch-live.sh" volume "$volume"
}

undo_database() {
  local plan
  require_database
  compose up --detach --no-recreate db
  wait_for_database
  plan=$(restore_verb restore-undo --dry-run --porcelain)
  ask 'replace that database' "$(value_of database <<<"$plan")"
  "$root/ops/switch-live.sh" database restore-undo
}

start_stopped() {
  say 'the last restore was killed before its switch: what it has stopped is started'
  start_all
  state=settled
  open_site
  rm "$(note_path switching)"
}

main() {
  local last
  require_engine 'the database runs in a container' 'start the engine, then: make up'
  take_lock restore
  last=$(note_path switching)
  if [[ "$(value_of volume "$last")" == "$(pgdata_volume)" ]]; then
    start_stopped
    return
  fi
  [[ -e "$last" ]] || last=$(note_path last-restore)
  if [[ "$(value_of kind "$last")" == moment ]]; then
    undo_volume "$(value_of volume "$last")"
  else
    undo_database
  fi
}

main "$@"
