#!/usr/bin/env bash
# Makes another volume that of the live database, behind the maintenance page; the former one is kept, and noted for
# restore-undo. When what comes does not get ready and what was there had been, it goes back by itself.
#   ops/switch-volume.sh slipway_pgdata_20261122T090000Z
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/restore-parts.sh
source "$(dirname "$0")/restore-parts.sh"
# shellcheck source=ops/switch-parts.sh
source "$(dirname "$0")/switch-parts.sh"

was_ready='' state=before former=''

# point_at VOLUME: replaced in one step, so that a kill leaves either the one or the other.
point_at() {
  "$root/ops/base-images/point-env.sh" "$ENV_FILE" "PGDATA_VOLUME=$1"
  read_env
}

go_back() {
  say "what was restored does not get ready: going back to the volume $former"
  point_at "$former"
  # Without a number a return in a trap gives the status from before it, and the rest of finish would not run.
  if (stop_all && start_all); then return 0; fi
  say 'error: the way back failed too'
  say "hint: .env names the volume $former again: make up, when the reason above is gone"
}

# Whatever ended this script.
finish() {
  local code=$?
  trap - EXIT
  case "$state" in
    stopped) (start_all) || say 'hint: make up starts what was stopped' ;;
    switched) [[ "$was_ready" != yes ]] || go_back ;;
  esac
  if [[ "$state" == settled ]] || api_is_ready; then
    "$root/ops/maintenance.sh" off restore
  else
    say 'the API is not ready: the maintenance page stays on; make logs SERVICE=api, then make maintenance OFF=1'
  fi
  exit "$code"
}

main() {
  local volume=${1:-}
  docker volume inspect "$volume" >/dev/null 2>&1 || die "there is no volume $volume" 'docker volume ls shows those that are kept'
  former=$(pgdata_volume)
  [[ "$volume" != "$former" ]] || die "the volume $volume is the live one already" 'docker volume ls shows those that are kept'
  if api_runs && api_is_ready; then was_ready=yes; fi
  trap finish EXIT
  "$root/ops/maintenance.sh" on restore
  state=stopped
  stop_all
  point_at "$volume"
  state=switched
  start_all
  note_restore kind=moment "volume=$former"
  state=settled
  "$root/ops/maintenance.sh" off restore
  take_base
  say "the volume of the database is $volume; $former is kept: make restore-undo goes back to it"
}

main "$@"
