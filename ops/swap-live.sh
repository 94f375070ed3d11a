#!/usr/bin/env bash
# Runs a verb that swaps the live database, behind the maintenance page: then the migrations of the running image and the wait
# for readiness. When what came does not get ready and what was there had been, it goes back by itself. Called by restore.sh.
#   ops/swap-live.sh restore --from 20261122T031500Z-a1b2c3          ops/swap-live.sh restore-undo
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/restore-parts.sh
source "$(dirname "$0")/restore-parts.sh"

was_ready='' state=before

mark_restore_point() {
  local name
  name=before-restore-$(date -u +%Y%m%dt%H%M%Sz)
  if [[ "$(superuser --dbname=postgres --tuples-only --no-align --command='show archive_mode')" != off ]]; then
    superuser --dbname=postgres --output=/dev/null --command="select pg_create_restore_point('$name')"
    say "restore point $name marks the state before"
  fi
}

open_site() { "$root/ops/maintenance.sh" off restore; }

# Whatever ended this script. Until the swap the live database is as it was.
finish() {
  local code=$?
  trap - EXIT
  if [[ "$state" == swapped && "$was_ready" == yes ]]; then
    go_back
  fi
  if [[ "$state" == settled ]] || ! api_runs || api_is_ready; then
    open_site
  else
    say 'the API is not ready: the maintenance page stays on; make logs SERVICE=api, then make maintenance OFF=1'
  fi
  exit "$code"
}

go_back() {
  say 'what was restored does not get ready: going back to what was there'
  if restore_verb restore-undo; then
    wait_until_ready
  else
    say 'error: the way back failed too'
    say 'hint: make restore-undo, when the reason above is gone'
  fi
}

main() {
  # A crash of the database shows in readiness too, so that no way back is tried to one that was not well.
  if api_runs && api_is_ready; then was_ready=yes; fi
  "$root/ops/maintenance.sh" on restore
  trap finish EXIT
  mark_restore_point
  restore_verb "$@"
  state=swapped
  note_restore kind=database "verb=$1"
  compose run --rm --no-deps -T migrate
  wait_until_ready
  state=settled
}

main "$@"
