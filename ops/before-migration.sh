#!/usr/bin/env bash
# Called by up.sh before anything migrates: when the live database has migrations to come, takes a backup and names a restore
# point. On a first start, and when none is pending, it does nothing. A database that existed and does not answer is an error.
#   ops/before-migration.sh          MIGRATE_WITHOUT_BACKUP=1 ops/before-migration.sh     goes on without
#   EMPTY_DATABASE=1 ops/before-migration.sh     lets an empty database take the place of one that is lost
set -Eeuo pipefail
# shellcheck source=ops/live-switch.sh
source "$(dirname "$0")/live-switch.sh"

# Of `migrate status` and of `backup create`: docs/reference/exit-codes.md.
readonly pending_code=10 edited_code=11 out_of_order_code=12 other_history_code=13 busy_code=20
readonly busy_timeout_s=300
readonly way_out='to migrate without a backup: make up MIGRATE_WITHOUT_BACKUP=1'

# After `make down` the database does not answer, and holds the same data.
provide_database() {
  service_runs db || compose up --detach --quiet-pull db
  wait_for_database
}

# Prints the newest pending migration, or nothing. `migrate` itself refuses faulty files, with the reason.
newest_pending() {
  local said code=0
  said=$(compose run --rm --no-deps -T migrate status --porcelain) || code=$?
  case $code in
    0 | "$edited_code" | "$out_of_order_code") ;;
    "$pending_code") value_of pending <<<"$said" | tail -n 1 ;;
    "$other_history_code") exit "$code" ;;
    *) die "it cannot be told whether migrations are pending (migrate status ended with $code)" "$way_out" ;;
  esac
}

# A scheduled backup may be running: it ends within minutes. This backup must be its own, of the moment before the migration.
take_backup() {
  local until=$((SECONDS + busy_timeout_s)) code=0
  while :; do
    code=0
    "$root/ops/backup.sh" create --reason before_migration || code=$?
    ((code == busy_code && SECONDS < until)) || return "$code"
    sleep 2
  done
}

# Compose would make an empty volume in its place, and the site would come up without its data.
refuse_lost_volume() {
  local volume=$1 others
  others=$(volumes_of pgdata)
  [[ "${EMPTY_DATABASE:-}" != 1 ]] && [[ -n "$others" || -e "$(live_note)" ]] || return 0
  die "the volume $volume of the live database is not there${others:+, only: ${others//$'\n'/ }}" \
    'PGDATA_VOLUME in .env names the live one; to start with an empty database: make up EMPTY_DATABASE=1'
}

main() {
  local volume pending code=0
  volume=$(pgdata_volume)
  if ! volume_exists "$volume"; then
    refuse_lost_volume "$volume"
    return
  fi
  if [[ "${MIGRATE_WITHOUT_BACKUP:-}" == 1 ]]; then
    say 'MIGRATE_WITHOUT_BACKUP=1: no backup is taken before migrations'
    provide_database
    "$root/ops/check-passwords.sh"
    return
  fi
  provide_database
  "$root/ops/check-passwords.sh"
  pending=$(newest_pending)
  [[ -n "$pending" ]] || return 0
  say "migrations up to $pending are pending: taking a backup first"
  take_backup >&2 || code=$?
  ((code == 0)) || die "no backup could be taken (exit code $code), so that nothing was migrated" "the reason is above; $way_out"
  mark_restore_point "before-migration-${pending:0:29}"
}

main "$@"
