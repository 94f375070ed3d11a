#!/usr/bin/env bash
# Runs `docker compose` on the stack of this checkout.
#   ops/compose.sh exec backup node backup.js list
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  "$root/ops/require-engine.sh"
  refuse_other_folder
  [[ "${1:-}" != run ]] || require_database
  compose "$@"
}

main "$@"
