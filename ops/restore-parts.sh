# shellcheck shell=bash
# What the scripts of a restore share. Sourced after lib.sh, never run.

# shellcheck source=ops/wait-parts.sh
source "${root:?}/ops/wait-parts.sh"

# restore_verb ARGS...: a verb of `backup` as the migrator. A backup from elsewhere, RESTORE_MOUNT, is mounted for this one run.
restore_verb() {
  local mount=()
  [[ -z "${RESTORE_MOUNT:-}" ]] || mount=(--volume "$(bind "$RESTORE_MOUNT" "/from/${RESTORE_MOUNT##*/}" ro)")
  in_container run --rm "${mount[@]}" restore "$@"
}

# backup_verb ARGS...: a verb of `backup` in the service that takes them, or in one of its own where that does not run.
backup_verb() {
  if service_runs backup; then
    compose exec -T backup node backup.js "$@"
  else
    compose run --rm --no-deps -T backup "$@"
  fi
}

# ask WHAT ANSWER: goes on when the answer was typed, or when YES=1 gave it before.
ask() {
  local answer=''
  [[ "${YES:-}" != 1 ]] || return 0
  [[ -t 0 ]] || die 'nobody is there to answer the question' 'the same command with YES=1'
  read -r -p "Type $2 to $1: " answer
  [[ "$answer" == "$2" ]] || die 'not confirmed: nothing was changed'
}

superuser() { compose exec -T db psql --username=postgres --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "$@"; }

api_runs() { service_runs api; }
api_is_ready() { api_answer >/dev/null; }

wait_until_ready() {
  if ! api_runs; then
    say 'the API is not running: make up starts it'
    # With its number: called from a trap, it would give the status from before.
    return 0
  fi
  wait_for_api
  say 'the API is ready'
}

# What the last restore was, so that restore-undo knows the way back: kind=database, or kind=moment and volume=the former one.
last_restore_file() { printf '%s/.data/last-restore.%s' "${root:?}" "$(project)"; }

# note_restore LINE...
note_restore() {
  local file
  file=$(last_restore_file)
  mkdir -p "${file%/*}"
  printf '%s\n' "$@" >"$file.partial"
  mv "$file.partial" "$file"
}
