#!/usr/bin/env bash
# Empties the development database: removes its volume and starts it again, with no tables in it.
#   npm run db:reset                 npm run db:reset -- --yes
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

confirm() {
  local answer
  say "This removes every row of the development database (volume $(project)-dev_pgdata)."
  read -r -p 'Type yes to go on: ' answer || answer=''
  [[ "$answer" == yes ]] || die 'nothing was removed' 'npm run db:reset -- --yes'
}

main() {
  cd "$root"
  [[ "${1:-}" == --yes ]] || confirm
  ops/dev-compose.sh down --volumes
  ops/dev-compose.sh up --detach --build --wait db
}

main "$@"
