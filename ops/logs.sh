#!/usr/bin/env bash
# Follows the logs of the stack, or of one service; of the embedded API where that is what runs.
#   ops/logs.sh              ops/logs.sh api
set -Eeuo pipefail
settings_needed=with_engine
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  if engine_answers && [[ -e "$ENV_FILE" ]] && refuse_other_folder && [[ -n "$(compose ps --all --quiet)" ]]; then
    compose logs --follow --tail 100 -- "$@"
  else
    "$root/ops/embedded.sh" logs
  fi
}

main "$@"
