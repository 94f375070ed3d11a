#!/usr/bin/env bash
# Stops everything that `make up` started; all data stays.
#   ops/down.sh
set -Eeuo pipefail
settings_needed=with_engine
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/steps.sh
source "$root/ops/steps.sh"

main() {
  "$root/ops/embedded.sh" down
  if engine_answers && [[ -e "$ENV_FILE" ]]; then
    refuse_other_folder
    quietly "stopping the stack $(project); all data stays" compose down --remove-orphans
  fi
}

main "$@"
