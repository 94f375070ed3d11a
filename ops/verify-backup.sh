#!/usr/bin/env bash
# Proves backups now: the running stack restores them into a disposable server and compares. Its exit code is that of the
# command inside. NAME is one of `make backups`; KIND is portable, continuous or all.
#   ops/verify-backup.sh                     ops/verify-backup.sh 20261122T031500Z-a1b2c3
#   ops/verify-backup.sh '' continuous
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  local name=${1:-} kind=${2:-} arguments=()
  [[ -z "$kind" ]] || arguments+=("--kind=$kind")
  [[ -z "$name" ]] || arguments+=(-- "$name")
  require_engine 'drills are run in containers' 'start the engine, then: make up'
  service_runs backup || die 'the backup service is not running' 'make up'
  in_container exec backup node backup.js drill "${arguments[@]}"
}

main "$@"
