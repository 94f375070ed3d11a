#!/usr/bin/env bash
# The archive_command: hands one file of WAL to pgBackRest. When the queue passes its ceiling, or the disk runs out, it gives
# up the archive and keeps the writes going: segments that a repository did not get are recorded beside the WAL, where `backup` reads them.
#   pgbackrest-push.sh pg_wal/000000010000000000000001
set -Eeuo pipefail

readonly run=${ARCHIVE_RUN:-/run/pgbackrest}
readonly socket=${ARCHIVE_SOCKET:-/run/postgresql}
readonly ceiling_mb=${ARCHIVE_WAL_CEILING_MB:-2048}
readonly push_timeout_s=15 last_try_timeout_s=5 spared_s=60
readonly spare_disk_mb=256 spared_segments=4

# The directory of WAL is read by name: one file is left behind for each segment that waits.
is_too_full() {
  local ready
  ready=("$wal"/archive_status/*.ready)
  ((${#ready[@]} * segment_mb < ceiling_mb)) || return 0
  ((${#ready[@]} >= spared_segments)) || return 1
  (($(stat --file-system --format='%a * %S / 1048576' "$wal") < spare_disk_mb))
}

# push SECONDS CONFIGURATION FILE [OPTION...]: its output goes to the log only.
push() { timeout --kill-after=5 "$1" pgbackrest --config="$2" --stanza=slipway "${@:4}" archive-push "$3" >&2; }

# The server asks for this file until every repository has it. One that has it already would get nothing of what comes after
# it meanwhile: asked for the newest file that waits, pgBackRest pushes all that wait.
push_ahead() {
  local waiting
  [[ "$(cat "$run/refused" 2>/dev/null)" == "$name" ]] || return 0
  waiting=$(find "$wal/archive_status" -name '*.ready' -printf '%f\n' | sed -nE 's/^([0-9A-F]{24})\.ready$/\1/p' | sort | tail -n 1)
  [[ -z "$waiting" ]] || push "$push_timeout_s" "$1" "$wal/$waiting" ||
    printf 'what comes after %s is not in %s yet\n' "$name" "$(basename "$1" .conf)" >&2
}

# Every repository is tried, also after a failure of the one before: none waits for another.
push_to_all() {
  local conf status=0
  for conf in "$run"/repo?.conf; do
    if push "$push_timeout_s" "$conf" "$file"; then push_ahead "$conf"; else status=1; fi
  done
  [[ -e "$run/ready" ]] || status=1
  ((status == 0)) || printf '%s' "$name" >"$run/refused"
  printf '%s\n' "$status"
}

is_recent() { [[ -n "$(find "$1" -newermt "-$spared_s seconds" 2>/dev/null)" ]]; }

# record GAP: the first and the last that are missing, on the disk for good.
record() {
  local first
  first=$(head -n 1 "$1" 2>/dev/null || true)
  printf '%s\n' "${first:-$name $(date -u +%FT%TZ)}" "$name $(date -u +%FT%TZ)" >"$1.new"
  sync "$1.new"
  mv "$1.new" "$1"
  sync "$wal"
}

# A repository that still takes the file gets it; one that has just refused is not asked again for each.
give_up() {
  local conf gap
  local confs=("$run"/repo?.conf)
  for conf in "${confs[@]:-$run/repo1.conf}"; do
    gap=$wal/slipway_gap_$(basename "$conf" .conf)
    if ! is_recent "$gap" && push "$last_try_timeout_s" "$conf" "$file" --no-archive-async; then continue; fi
    is_recent "$gap" || printf 'error: %s is given up for %s: the archive does not keep up, and the writes go on\nhint: docs/runbooks/ArchiveGap.md\n' \
      "$name" "$(basename "$conf" .conf)" >&2
    record "$gap"
  done
  free_wal
}

# The next checkpoint removes the segments that were given up. Detached: the archiver waits for its command alone.
free_wal() {
  is_recent "$run/freed" && return
  touch "$run/freed"
  (psql --host="$socket" --port="${PGPORT:-5432}" --username=postgres --dbname=postgres -Xqc CHECKPOINT >/dev/null 2>&1 &)
}

main() {
  shopt -s nullglob
  file=$1 name=${1##*/} wal=${1%/*}
  segment_mb=$(($(stat --format=%s "$file") / 1048576))
  ((segment_mb > 0)) || segment_mb=16
  if is_too_full; then give_up; return; fi
  local answer status=''
  exec {answer}< <(push_to_all)
  until read -r -t 0.25 -u "$answer" status; do
    # Above 128 it was the time that ran out, and not the other side that was killed.
    (($? > 128)) || return 1
    if is_too_full; then give_up; return; fi
  done
  return "${status:-1}"
}

main "$@"
