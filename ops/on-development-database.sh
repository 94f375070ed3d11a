#!/usr/bin/env bash
# Runs a command with the DATABASE_URL of development, as a role of it: the server of `npm run db:start`, or the embedded
# one while `make up` runs it. A DATABASE_URL that is set already stays.
#   ops/on-development-database.sh migrator node src/kit/bin/migrate.ts up
set -Eeuo pipefail
settings_needed=with_engine
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

# The embedded server shows the URL of `app` alone.
embedded_url() {
  [[ "$1" != app ]] || sed -n 's/^DATABASE_URL=//p' "$root/.data/embedded.env" 2>/dev/null || true
}

# The passwords of compose.yaml are the names of the roles.
compose_url() { printf 'postgres://%s:%s@127.0.0.1:%s/slipway' "$1" "$1" "$(env_value DEV_DATABASE_PORT 5432)"; }

main() {
  local role=$1
  shift
  if [[ -z "${DATABASE_URL:-}${DATABASE_URL_FILE:-}" ]]; then
    DATABASE_URL=$(embedded_url "$role")
    export DATABASE_URL=${DATABASE_URL:-$(compose_url "$role")}
  fi
  exec "$@"
}

main "$@"
