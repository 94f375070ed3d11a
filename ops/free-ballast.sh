#!/usr/bin/env bash
# Gives a database on a full disk the room to start again: deletes the ballast from its volume, also while the server is
# down or restarts over and over, waits until it accepts connections, and says what is next.
#   ops/free-ballast.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/wait-parts.sh
source "$root/ops/wait-parts.sh"

readonly ready_timeout_s=120
readonly ballast=/var/lib/postgresql/data/pgsql_tmp_ballast

# Two ways, because a container that crashes at once runs no command, and on a full disk no new one may start.
delete_in_container() {
  local command=(-c "if [ -e $ballast ]; then rm $ballast && echo freed; else echo missing; fi")
  compose exec -T db sh "${command[@]}" 2>/dev/null ||
    compose run --rm --no-deps -T --entrypoint sh db "${command[@]}" 2>/dev/null
}

# The third: the engine's own folder, for root alone.
delete_on_host() {
  local path
  path=$(docker volume inspect --format '{{.Mountpoint}}' "$(pgdata_volume)")/${ballast##*/}
  rm "$path" 2>/dev/null || die 'no container of the database can run here' "as root: rm $path; then: make free-ballast"
  printf 'freed\n'
}

delete() { delete_in_container || delete_on_host; }

# The engine waits longer after each crash, up to a minute: that is cut short. So is the grace of two minutes, in case
# the signal meets a container that is just being started and goes by: no client is connected yet.
start_if_down() {
  case $(compose ps --all --format '{{.State}}' db) in
    running) ;;
    '') die 'the stack has no database container' 'make up' ;;
    *) compose restart --no-deps --timeout 10 db ;;
  esac
}

wait_until_it_accepts() {
  local answer until=$((SECONDS + ready_timeout_s))
  until answer=$(database_answer "$(containers_of db)") && [[ "$answer" == accepting ]]; do
    # The server recovers: do not interrupt it.
    [[ "$answer" != starting ]] || until=$((SECONDS + ready_timeout_s))
    ((SECONDS < until)) || die "PostgreSQL did not accept connections within $ready_timeout_s s" 'make logs SERVICE=db; then docs/runbooks/DatabaseDiskFull.md'
    start_if_down
    sleep 0.5
  done
}

main() {
  local outcome
  require_engine 'the ballast is in a volume of it' 'start the engine, then: make free-ballast'
  require_database
  outcome=$(delete)
  case $outcome in
    # A container can end between the deletion and its answer; the second way then finds nothing.
    freed*) say 'the ballast is deleted: its room is free' ;;
    *) say 'there is no ballast to free: it was freed before, or POSTGRES_BALLAST_MB is 0' ;;
  esac
  wait_until_it_accepts
  say 'PostgreSQL accepts connections'
  say 'next: make room before it fills again, as docs/runbooks/DatabaseDiskFull.md says'
}

main "$@"
