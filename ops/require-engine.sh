#!/usr/bin/env bash
# Ends with an error when no Docker engine answers, or one that is too old, before a command that would print usage text.
#   ops/require-engine.sh && docker compose ps
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  engine_answers || die 'no Docker engine answers, and this needs containers' 'start the engine; without one there are: make up, make status, make logs, make down'
  require_minimums
}

main "$@"
