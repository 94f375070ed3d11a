#!/usr/bin/env bash
# Opens the newest backup with the recovery key alone and notes the day. The key is asked for without an echo, or comes on standard
# input; it is in no argument, no environment and no file.
#   ops/backup-key-test.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  local key
  require_engine 'keys are tested in a container' 'start the engine, then: make up'
  [[ -n "$(compose ps --status running --quiet backup)" ]] || die 'the backup service of the stack is not running' 'make up'
  if [[ -t 0 ]]; then
    read -r -s -p 'Recovery key (it is not shown): ' key
    say ''
  else
    read -r key || [[ -n "$key" ]] || die 'no key came on standard input' 'make backup-key-test, on a terminal'
  fi
  compose exec -T backup node backup.js key-test <<<"$key"
}

main "$@"
