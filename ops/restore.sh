#!/usr/bin/env bash
# Restores a backup into the running stack, after a question (YES=1 or --yes answers it). The former database is kept under
# another name; the API stays up, its connections are cut for a moment. NAME is one of `make backups`, a path, or latest.
#   ops/restore.sh 20261122T031500Z-a1b2c3
#   ops/restore.sh latest --yes --drop-older        --other-database: the backup is of a database with another name
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

readonly ready_timeout_s=60
from='' confirmed=${YES:-} arguments=() mounts=()

parse() {
  local argument
  for argument in "$@"; do
    case "$argument" in
      --yes) confirmed=1 ;;
      --other-database | --drop-older) arguments+=("$argument") ;;
      -*) die "unknown option $argument" "$(sed -n '4,5s/^# *//p' "$0")" ;;
      *) from=${argument#FROM=} ;;
    esac
  done
  [[ -n "$from" ]] || die 'restore needs to know what from' 'make backups lists what is there; then: make restore FROM=name'
}

# A copy from elsewhere is mounted for this one run; a name is looked up in the backups folder.
mount_path() {
  [[ "$from" == */* ]] || return 0
  [[ -e "$from" ]] || die "there is no backup at $from" 'make backups lists what is there'
  from=$(realpath "$from")
  [[ -d "$from" ]] || from=${from%/*}
  mounts=(--volume "$from:/from/${from##*/}:ro")
  from=/from/${from##*/}
}

restore() { compose run --rm -T "${mounts[@]}" restore restore --from "$from" "${arguments[@]}" "$@"; }

ask() {
  local database answer=''
  [[ "$confirmed" != 1 ]] || return 0
  database=$(sed -n 's/^replaces *database \(.*\), [0-9.]* [KMGT]*i*B on PostgreSQL .*/\1/p' <<<"$1")
  [[ -t 0 ]] || die 'nobody is there to answer the question' 'make restore FROM=name YES=1'
  read -r -p "Type the name of the database ($database) to replace it: " answer
  [[ -n "$database" && "$answer" == "$database" ]] || die 'not confirmed: nothing was changed'
}

wait_until_ready() {
  local until=$((SECONDS + ready_timeout_s))
  [[ -n "$(compose ps --status running --quiet api)" ]] || { say 'the API is not running: make up starts it'; return; }
  until compose exec -T api node healthcheck.js 3000 /readyz 2>/dev/null; do
    ((SECONDS < until)) || die "the API was not ready within $ready_timeout_s s" 'make logs SERVICE=api; docs/how-to/backup-and-restore.md says how to go back'
    sleep 0.5
  done
  say 'the API is ready'
}

main() {
  local plan
  parse "$@"
  engine_answers || die 'no Docker engine answers, and backups are restored in a container' 'start the engine, then: make up'
  take_lock restore
  mount_path
  plan=$(restore --dry-run)
  say "$plan"
  ask "$plan"
  restore
  compose run --rm --no-deps -T migrate
  wait_until_ready
}

main "$@"
