#!/usr/bin/env bash
# Prints the running services and their health.
#   ops/status.sh
set -Eeuo pipefail
settings_needed=with_engine
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  if engine_answers && [[ -e "$ENV_FILE" ]] && refuse_other_folder && [[ -n "$(compose ps --quiet)" ]]; then
    compose ps --all --format 'table {{.Service}}\t{{.Status}}\t{{.Ports}}'
    "$root/ops/maintenance.sh"
  else
    "$root/ops/embedded.sh" status
  fi
}

main "$@"
