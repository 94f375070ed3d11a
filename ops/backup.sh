#!/usr/bin/env bash
# Takes a backup of the running stack now, reads it back and prints its name; or runs another verb of `backup` there. Its exit
# code is that of the command inside.
#   ops/backup.sh          ops/backup.sh create --reason before_migration          ops/backup.sh restore-point before-deploy-42
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  (($# > 0)) || set -- create
  require_engine 'backups are taken in a container' 'start the engine, then: make up'
  if service_runs backup; then
    in_container exec backup node backup.js "$@"
    return
  fi
  service_runs db || die 'the database of the stack is not running' 'make up'
  in_container run --rm --no-deps backup "$@"
}

main "$@"
