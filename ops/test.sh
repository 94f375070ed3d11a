#!/usr/bin/env bash
# Runs every test that this machine can run, and says in one line what it left out; with `container` those of a PostgreSQL in one.
#   ops/test.sh [container]
set -Eeuo pipefail
settings_needed=with_engine
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  cd "$root"
  if engine_answers; then
    TEST_POSTGRES_IMAGE=${TEST_POSTGRES_IMAGE:-$(base_image POSTGRES_IMAGE)}
    export TEST_POSTGRES_IMAGE
  fi
  case ${1:-} in
    '') every_test ;;
    container) npm run --silent test:container ;;
    *) die "unknown argument $1" 'ops/test.sh [container]' ;;
  esac
}

every_test() {
  fetch_programs
  npm test --silent
  if engine_answers; then
    npm run --silent test:system
  else
    say 'left out: system tests (no Docker engine answers)'
  fi
}

# Client programs of PostgreSQL, age and pgBackRest from Debian packages, into a folder of their own: the backup tests need them.
# Elsewhere, or without the packages, the tests say what they leave out and which command brings it.
fetch_programs() {
  local support=$root/test/kit/support said
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then return; fi
  said=$({ "$support/install-postgres.sh" 17 && "$support/install-postgres.sh" 18 && "$support/install-backup-tools.sh"; } 2>&1) ||
    say "the programs of the backup tests could not be fetched: ${said##*$'\n'}"
}

main "$@"
