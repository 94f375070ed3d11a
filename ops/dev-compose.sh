#!/usr/bin/env bash
# Runs `docker compose` on the development stack of this checkout, whose project is named after that of production.
#   ops/dev-compose.sh up --detach --wait db
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/port-parts.sh
source "$(dirname "$0")/port-parts.sh"

development() { docker compose --project-directory "$root" --project-name "$DEV_PROJECT" --file "$root/compose.yaml" "$@"; }

# Of the service named last, and of those that it needs.
refuse_ports() {
  local key settings=() wanted service=${!#}
  for key in DEV_DATABASE_PORT=5432 DEV_HTTP_PORT=3000 DEV_METRICS_PORT=9464; do
    settings+=("${key%=*}=$(env_value "${key%=*}" "${key#*=}")")
  done
  wanted=$(development config "$service" | model_ports "${settings[@]}")
  refuse_taken_ports "$DEV_PROJECT" 'stop it, or set another port in .env' <<<"$wanted"
}

main() {
  export DEV_PROJECT
  DEV_PROJECT=$(project)-dev
  refuse_folder_of "$DEV_PROJECT"
  [[ "${1:-}" != up ]] || refuse_ports "$@"
  development "$@"
}

main "$@"
