#!/usr/bin/env bash
# Restores the database to a moment, after a question (YES=1 answers it): into a new volume, where a server without network
# recovers and is checked. Only then that volume becomes the live one; the former one is kept. Needs no healthy database.
#   ops/restore-moment.sh AT='2026-11-22 09:00:00+00'     ops/restore-moment.sh AT=latest     ops/restore-moment.sh NAME=before-deploy-42
set -Eeuo pipefail
# shellcheck source=ops/live-switch.sh
source "$(dirname "$0")/live-switch.sh"

readonly archived_timeout_s=20
target=() volume='' service=moment is_kept=''

parse() {
  case "${1:-}" in
    AT=?*) target=("--at=${1#AT=}") ;;
    NAME=?*) target=("--name=${1#NAME=}") ;;
    *) die 'a moment is needed' "make restore AT='2026-11-22 09:00:00+00', AT=latest or NAME=before-deploy-42" ;;
  esac
}

# While the database lives, what was written up to now belongs to what can be restored: its segment is ended and archived.
archive_until_now() {
  local segment until=$((SECONDS + archived_timeout_s))
  service_runs db || return 0
  segment=$(superuser --command='SELECT pg_current_xact_id()' --command='SELECT pg_walfile_name(pg_switch_wal())' 2>/dev/null) || return 0
  until [[ "$(superuser --command="SELECT last_archived_wal >= '${segment##*$'\n'}' FROM pg_stat_archiver" 2>/dev/null)" == t ]]; do
    ((SECONDS < until)) || { say 'the archive does not keep up: what was written last may be missing from it'; return 0; }
    sleep 0.5
  done
}

# Removes everything of a failed restore; the live database is unchanged.
drop_volume() {
  local code=$?
  [[ -n "$is_kept" ]] || docker volume rm "$volume" >/dev/null
  release_lock
  exit "$code"
}

moment() { in_container run --rm --no-deps --volume "$volume:/var/lib/postgresql/data" "$service" moment "${target[@]}" "$@"; }

# The repository beside the backups first; the bucket when that one is gone, or does not hold the moment. Captured, so that it
# gets no terminal.
show_plan() {
  local plan code=0
  plan=$(moment --dry-run) || code=$?
  if ((code != 0)); then
    [[ -n "$(env_value OFFSITE_S3_BUCKET '')" ]] || exit "$code"
    say 'the archive beside the backups cannot give that: asking the one off-site'
    service=moment-offsite target+=(--repository repo2)
    plan=$(moment --dry-run)
  fi
  say "$plan"
  say "replaces    the live database: its volume $(pgdata_volume) is kept, and make restore-undo goes back to it"
}

main() {
  local started restored
  parse "$@"
  require_engine 'moments are restored in a container' 'start the engine, then: make up'
  take_lock restore
  archive_until_now
  volume=$(project)_pgdata_$(now)
  make_volume "$volume"
  trap drop_volume EXIT
  show_plan
  ask 'replace the live database with that moment' restore
  started=$SECONDS
  moment >&2
  restored=$SECONDS
  is_kept=yes
  "$root/ops/switch-live.sh" volume "$volume"
  say "restored and checked in $((restored - started)) s, switched in $((SECONDS - restored)) s"
}

main "$@"
