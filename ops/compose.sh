#!/usr/bin/env bash
# Runs `docker compose` on the stack of this checkout.
#   ops/compose.sh exec backup node backup.js list
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

# The first argument that names one of these is the service that `exec` is run in.
require_running() {
  local each
  for each in "$@"; do
    case $each in
      api | backup | caddy | db)
        service_runs "$each" || die "the service $each of the stack is not running" 'make up'
        return
        ;;
    esac
  done
}

main() {
  "$root/ops/require-engine.sh"
  refuse_other_folder
  case ${1:-} in
    exec) require_running "${@:2}" ;;
    run) require_database ;;
  esac
  compose "$@"
}

main "$@"
