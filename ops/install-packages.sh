#!/usr/bin/env bash
# Installs the npm packages that package-lock.json names; nothing where there is no npm. V=1 shows what npm prints.
#   ops/install-packages.sh
set -Eeuo pipefail
# shellcheck disable=SC2034 # read by lib.sh
settings_needed=never
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/steps.sh
source "$root/ops/steps.sh"

main() {
  command -v npm >/dev/null || return 0
  cd "$root"
  [[ "${V:-}" == 1 ]] || export npm_config_loglevel=error
  quietly 'installing the npm packages' npm ci --no-audit --no-fund
  touch node_modules
}

main "$@"
