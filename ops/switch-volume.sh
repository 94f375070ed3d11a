#!/usr/bin/env bash
# Makes another volume that of the live database, behind the maintenance page; the former one is kept, and noted for
# restore-undo. When what comes does not get ready and what was there had been, it goes back by itself.
#   ops/switch-volume.sh slipway_pgdata_20261122T090000Z
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/restore-parts.sh
source "$(dirname "$0")/restore-parts.sh"

was_ready='' state=before former=''

# point_at VOLUME: replaced in one step, so that a kill leaves either the one or the other.
point_at() { "$root/ops/base-images/point-env.sh" "$ENV_FILE" "PGDATA_VOLUME=$1"; }

# The server ends the segment at work when it stops, and hands the last ones to the archive before it goes.
stop_all() { compose stop api backup db; }

# By force: to Compose a container with another volume under the same key is still the same container.
start_all() {
  compose up --detach --no-build --no-deps --force-recreate --wait db &&
    refuse_other_volume &&
    compose run --rm --no-deps -T migrate &&
    compose up --detach --no-build --no-deps --force-recreate backup &&
    compose up --detach --no-build --no-deps api &&
    wait_until_ready
}

refuse_other_volume() {
  local mounted
  mounted=$(docker inspect --format '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}' "$(compose ps --quiet db)")
  [[ " $mounted" == *" $(pgdata_volume) "* ]] || die "the database runs on another volume than $(pgdata_volume) (got $mounted)" 'make status'
}

go_back() {
  say "what was restored does not get ready: going back to the volume $former"
  point_at "$former"
  if (stop_all && start_all); then return; fi
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

# Moments after this one can be restored from here on; until then the old base backup leads only as far as the switch.
take_base() {
  [[ "$(env_value ARCHIVE on)" == on ]] || return 0
  compose exec -T backup node backup.js base --full >/dev/null ||
    say 'no base backup could be taken of what is live now: the schedule tries again; make logs SERVICE=backup'
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
