#!/usr/bin/env bash
# Makes another database, or another volume, the live one, behind the maintenance page; the former is kept, and noted for
# restore-undo. A database is switched by a verb of `backup`. Called by restore.sh, restore-moment.sh and restore-undo.sh.
#   ops/switch-live.sh database restore --from 20261122T031500Z-a1b2c3       ops/switch-live.sh volume slipway_pgdata_20261122T090000Z
set -Eeuo pipefail
# shellcheck source=ops/live-switch.sh
source "$(dirname "$0")/live-switch.sh"

# shellcheck disable=SC2317,SC2329 # the steps are called by switch_live
switch_database() {
  local verb=("$@")
  # The restore may be needed because the archive is broken.
  shut_down() { mark_restore_point before-restore || say 'warning: no restore point marks the state before'; }
  point_at_new() { restore_verb "${verb[@]}"; }
  start_new() {
    write_note last-restore kind=database "verb=${verb[0]}"
    compose run --rm --no-deps -T migrate
    wait_until_ready
  }
  point_at_former() { restore_verb restore-undo; }
  start_former() { [[ "$state" == shut ]] || wait_until_ready; }
  switch_live
}

# The note is written before the switch and counts after it, so that a kill in between leaves a way back.
# shellcheck disable=SC2317,SC2329 # as above
switch_volume() {
  # Not local: the steps back are called by a trap, when no function of this script is left.
  volume=$1 live=$(pgdata_volume)
  volume_exists "$volume" || die "there is no volume $volume" 'docker volume ls shows those that are kept'
  [[ "$volume" != "$live" ]] || die "the volume $volume is the live one already" 'docker volume ls shows those that are kept'
  former="the volume $live"
  shut_down() {
    write_note switching kind=moment "volume=$live"
    stop_all
  }
  point_at_new() { point_at "PGDATA_VOLUME=$volume"; }
  start_new() { start_all; }
  # The new server is stopped before the old one starts: they would share archive and name.
  point_at_former() { point_at "PGDATA_VOLUME=$live" && stop_all; }
  start_former() { start_all; }
  clean_up=forget_switch
  switch_live
  mv "$(note_path switching)" "$(note_path last-restore)"
  open_site
  take_base
  say "the volume of the database is $volume; $live is kept: make restore-undo goes back to it"
}

# shellcheck disable=SC2317,SC2329 # called by finish
forget_switch() { rm -f "$(note_path switching)"; }

main() {
  case ${1:-} in
    database) switch_database "${@:2}" ;;
    volume) switch_volume "${2:-}" ;;
    *) die "expected database or volume (got '${1:-}')" 'make restore' ;;
  esac
}

main "$@"
