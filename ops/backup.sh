#!/usr/bin/env bash
# Takes a backup of the running stack now, reads it back and prints its name. Its exit code is that of the command inside.
#   ops/backup.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

is_running() { [[ -n "$(compose ps --status running --quiet "$1")" ]]; }

main() {
  engine_answers || die 'no Docker engine answers, and backups are taken in a container' 'start the engine, then: make up'
  if is_running backup; then
    compose exec -T backup node backup.js create
    return
  fi
  is_running db || die 'the database of the stack is not running' 'make up'
  compose run --rm --no-deps -T backup create
}

main "$@"
