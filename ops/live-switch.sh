# shellcheck shell=bash
# Switches the live database or volume behind the maintenance page, for restores and upgrades, and goes back by itself when the new one does
# not get ready. Sources lib.sh. Sourced, never run.
#
# States: before, closing, shut, switched, settled, open. The script that sources this gives the steps as functions:
#   shut_down        stops every writer; the live state stays the same
#   point_at_new     the switch itself, in one step: a kill leaves either the one or the other
#   start_new        starts the new state, and waits until it is ready
#   point_at_former  takes the switch back
#   start_former     starts the former state
# shellcheck source=ops/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=ops/wait-parts.sh
source "${root:?}/ops/wait-parts.sh"

readonly base_timeout_s=90
# `former` is for people; `clean_up` is a function that removes what a failure left half made.
state=before page=restore former='what was there' clean_up=: goes_back='' has_stopped=''

# Goes back when the former state had been ready, or when the script says goes_back=yes.
switch_live() {
  ! { api_runs && api_is_ready; } || goes_back=yes
  trap finish EXIT
  state=closing
  "$root/ops/maintenance.sh" on "$page"
  state=shut
  shut_down
  point_at_new
  state=switched
  start_new
  state=settled
}

# Runs however the script ends. A subshell for each step back: `die` in it ends that step alone.
finish() {
  local code=$? ended_in=$state
  trap - EXIT
  case $ended_in in
    shut) (start_former) || say 'hint: make up starts what was stopped' ;;
    switched) [[ -z "$goes_back" ]] || go_back ;;
  esac
  # A step back ran in a subshell, and may have changed the file.
  read_env
  [[ "$ended_in" == before || "$ended_in" == open ]] || open_site
  [[ "$ended_in" == settled || "$ended_in" == open ]] || "$clean_up"
  release_lock
  exit "$code"
}

# With a number for each return: without one a return in a trap gives the status from before it.
go_back() {
  say "what is live now does not get ready: going back to $former"
  if (point_at_former) && read_env && (start_former); then return 0; fi
  local remedy='make restore-undo'
  [[ -z "$has_stopped" ]] || remedy=".env names $former again: make up"
  say 'error: the way back failed too'
  say "hint: $remedy, when the reason above is gone"
}

# An API that this script did not stop and that does not run was down before: it is not waited for.
open_site() {
  if [[ "$state" == settled ]] || api_is_ready || { [[ -z "$has_stopped" ]] && ! api_runs; }; then
    "$root/ops/maintenance.sh" off "$page"
    state=open
  else
    say 'the API is not ready: the maintenance page stays on; make logs SERVICE=api, then make maintenance OFF=1'
  fi
}

# The server ends the segment at work when it stops, and hands the last ones to the archive before it goes.
stop_all() {
  has_stopped=yes
  compose stop api backup db
}

# By force: to Compose a container with another volume under the same key is still the same container.
start_all() {
  compose up --detach --no-build --no-deps --force-recreate db &&
    (wait_for_database) &&
    refuse_other_volume &&
    compose run --rm --no-deps -T migrate &&
    compose up --detach --no-build --no-deps --force-recreate backup &&
    compose up --detach --no-build --no-deps api drill &&
    wait_until_ready
}

refuse_other_volume() {
  local mounted
  mounted=$(docker inspect --format '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}' "$(compose ps --quiet db)")
  [[ " $mounted" == *" $(pgdata_volume) "* ]] || die "the database runs on another volume than $(pgdata_volume) (got $mounted)" 'make status'
}

wait_until_ready() {
  if ! api_runs; then
    say 'the API is not running: make up starts it'
    return 0
  fi
  wait_for_api
  say 'the API is ready'
}

api_runs() { service_runs api; }
api_is_ready() { api_answer >/dev/null; }

# point_at KEY=VALUE...: the file is replaced in one step.
point_at() {
  "$root/ops/point-env.sh" "$ENV_FILE" "$@" && read_env
}

now() { date -u +%Y%m%dT%H%M%SZ; }

# make_volume NAME: with the labels of Compose, which otherwise would not recognize it as its own.
make_volume() {
  docker volume create --label "com.docker.compose.project=$(project)" --label com.docker.compose.volume=pgdata "$1" >/dev/null
}

# Moments after this one can be restored from here on; until then the old base backup leads only as far as the switch. A new
# cluster is first made known to the repositories by keep-archive.sh.
take_base() {
  local until=$((SECONDS + base_timeout_s)) said
  [[ "$(env_value ARCHIVE on)" == on ]] || return 0
  until said=$(compose exec -T backup node backup.js base --full 2>&1); do
    if ((SECONDS >= until)); then
      say "$said"
      say 'no base backup could be taken of what is live now: the schedule tries again; make logs SERVICE=backup'
      return
    fi
    sleep 2
  done
  say "$said"
}

superuser() { compose exec -T db psql --username=postgres --dbname=postgres --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"; }

# mark_restore_point PREFIX: for `make restore NAME=...`; the time in its name tells two tries apart.
mark_restore_point() {
  local mode
  mode=$(superuser --command='show archive_mode')
  [[ "$mode" == off ]] || backup_verb restore-point "$1-$(now)" >&2
}

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
