#!/usr/bin/env bash
# Runs beside a server that has just been started: makes the repositories ready and lets archive_timeout work from the first
# second. It tries until it is done and then ends; no fault of the archive ever keeps the server from running.
#   keep-archive.sh
set -Eeuo pipefail

readonly config=${0%/*}
readonly run=${ARCHIVE_RUN:-/run/pgbackrest}
readonly fault=$PGDATA/pg_wal/slipway_archive_fault
readonly try_timeout_s=60 pause_s=${ARCHIVE_RETRY_SECONDS:-30}

ask() {
  psql --host="${ARCHIVE_SOCKET:-/run/postgresql}" --port="${PGPORT:-5432}" --username=postgres --dbname=postgres \
    --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"
}

# After a start the checkpointer sleeps until its first checkpoint, and only the checkpointer switches segments by archive_timeout.
wake_checkpointer() {
  until [[ "$(ask --command='SELECT pg_reload_conf()' 2>/dev/null)" == t ]]; do sleep 0.2; done
}

# At every start, for clusters that were made by an older version of the kit.
apply_roles() {
  ask --file="$config/archive-roles.sql" >/dev/null ||
    printf 'error: the role backup may not take base backups\nhint: make roles, then restart the database\n' >&2
}

stanza() { timeout "$try_timeout_s" pgbackrest --config="$1" --stanza=slipway --no-online "$2" 2>&1; }

# A new cluster beside an old repository (a volume that was lost, another major) goes on in it as another history.
prepare() {
  local said upgraded
  said=$(stanza "$1" stanza-create) && return
  upgraded=$(stanza "$1" stanza-upgrade) && return
  printf '%s\n%s\n' "$said" "$upgraded"
  return 1
}

prepare_all() {
  local conf said faults=''
  for conf in "$run"/repo?.conf; do
    said=$(prepare "$conf") || faults+="$(basename "$conf" .conf): $(tail -n 2 <<<"$said" | tr '\n' ' ')"$'\n'
  done
  if [[ -z "$faults" ]]; then
    rm -f "$fault"
    return 0
  fi
  printf 'error: a repository of the archive is not ready, the database runs without it: %shint: docs/runbooks/ArchiveStalled.md\n' "$faults" >&2
  printf '%s' "$faults" >"$fault.new"
  mv "$fault.new" "$fault"
  return 1
}

main() {
  "$config/archive-config.sh"
  { wake_checkpointer && apply_roles; } &
  until prepare_all; do sleep "$pause_s"; done
  wait
}

main "$@"
