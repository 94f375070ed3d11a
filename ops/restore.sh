#!/usr/bin/env bash
# Restores a backup into the running stack, after a question (YES=1 or --yes answers it). The former state is kept, and
# ops/restore-undo.sh goes back to it. FROM is one of `make backups`, a path, latest,
# or offsite:name and offsite:latest, which are fetched first.
#   ops/restore.sh FROM=20261122T031500Z-a1b2c3 [DROP_OLDER=1]     ops/restore.sh AT='2026-11-22 09:00:00+00'   ops/restore.sh NAME=point
#   ops/restore.sh FROM=latest INTO=beside [TABLE=public.users] [SEARCH_PATH=public]    --other-database: the backup is of a database with another name
set -Eeuo pipefail
# shellcheck source=ops/live-switch.sh
source "$(dirname "$0")/live-switch.sh"

from='' moment='' beside='' arguments=()

# Each value stands behind `=` or `--`, so that the verb judges it: a dash in front of one makes no option.
parse() {
  local argument
  for argument in "$@"; do
    case "$argument" in
      *=) ;;
      FROM=*) from=${argument#*=} ;;
      AT=* | NAME=*)
        [[ -z "$moment" ]] || die "$moment and $argument are two moments" 'give one of them'
        moment=$argument
        ;;
      INTO=*) beside=yes arguments+=("--into=${argument#*=}") ;;
      TABLE=*) beside=yes arguments+=("--table=${argument#*=}") ;;
      SEARCH_PATH=*) arguments+=("--search-path=${argument#*=}") ;;
      DROP_OLDER=1 | --drop-older) arguments+=(--drop-older) ;;
      YES=1 | --yes) export YES=1 ;;
      --other-database) arguments+=("$argument") ;;
      -* | *=*) die "unknown option $argument" "$(sed -n '5,6s/^# *//p' "$0")" ;;
      *) from=$argument ;;
    esac
  done
  [[ -n "$from$moment" ]] || die 'restore needs to know what from' 'make backups lists what is there; then: make restore FROM=name'
  [[ -z "$from" || -z "$moment" ]] || die "a backup ($from) and a moment ($moment) are two different things" 'give one of them'
  [[ -z "$moment" || ${#arguments[@]} -eq 0 ]] || die 'a moment is restored whole, into a volume of its own' "make restore $moment"
}

# A copy from elsewhere is mounted for this one run; a name is looked up in the backups folder.
mount_path() {
  [[ "$from" == */* ]] || return 0
  [[ -e "$from" ]] || die "there is no backup at $from" 'make backups lists what is there'
  [[ "$from" == /* ]] || from=./$from
  from=$(realpath "$from")
  [[ -d "$from" ]] || from=${from%/*}
  require_mountable 'the backup' "$from"
  export RESTORE_MOUNT=$from
  from=/from/${from##*/}
}

# Prints the local name of the fetched backup.
fetch_offsite() {
  [[ "$from" == offsite:?* ]] || return 0
  say "fetching ${from#offsite:} from off-site"
  from=$(backup_verb offsite fetch -- "${from#offsite:}")
}

# The free space on the disk of the database is visible in its own container alone.
add_free_bytes() {
  local free
  free=$(compose exec -T db df --output=avail --block-size=1 /var/lib/postgresql/data | tail -n 1)
  arguments+=("--data-free-bytes=${free// /}")
}

# Shows the plan of the restore, and prints the values that a script needs as lines of KEY=VALUE.
plan() { restore_verb restore "--from=$from" --dry-run --porcelain "${arguments[@]}"; }

replace_live() {
  ask 'replace that database' "$2"
  "$root/ops/switch-live.sh" database restore "--from=$from" "${arguments[@]}"
  [[ -n "$1" ]] || return 0
  write_note last-restore kind=moment "volume=$1"
  say "the database that did not start is kept in the volume $1: make restore-undo puts it back"
}

main() {
  local planned broken
  parse "$@"
  require_engine 'backups are restored in a container' 'start the engine, then: make up'
  [[ -z "$moment" ]] || exec "$root/ops/restore-moment.sh" "$moment"
  require_database
  take_lock restore
  fetch_offsite
  mount_path
  broken=$("$root/ops/provide-server.sh")
  add_free_bytes
  planned=$(plan)
  # The backup that was shown, even if a newer one exists when the question is answered.
  [[ "$from" != latest ]] || from=$(value_of backup <<<"$planned")
  if [[ -n "$beside" ]]; then
    restore_verb restore "--from=$from" "${arguments[@]}"
  else
    replace_live "$broken" "$(value_of database <<<"$planned")"
  fi
}

main "$@"
