#!/usr/bin/env bash
# Brings up the production stack and waits until it is healthy; without an engine, the same API on an embedded server.
#   ops/up.sh
set -Eeuo pipefail
settings_needed=with_engine
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/wait-parts.sh
source "$root/ops/wait-parts.sh"
# shellcheck source=ops/steps.sh
source "$root/ops/steps.sh"

main() {
  require_minimums
  if ! engine_answers; then
    say 'no Docker engine answers: running the same API on an embedded PostgreSQL 16'
    make --silent --no-print-directory -C "$root" node_modules
    exec "$root/ops/embedded.sh" up
  fi
  take_lock up
  "$root/ops/setup.sh"
  # Includes settings of the caller's environment, as the containers get them.
  "$root/ops/check-settings.sh"
  "$root/ops/claim-host.sh"
  "$root/ops/provide-base-images.sh"
  read_env
  # Again, now that there is an image: an ordinary user's files are given away in a container.
  "$root/ops/setup.sh"
  REVISION=$(revision_of_api) quietly 'building the images' compose build
  "$root/ops/backup-keys.sh"
  step_begun=$SECONDS
  "$root/ops/before-migration.sh"
  done_step 'checked for pending migrations'
  start
  note_live
  "$root/ops/check-collations.sh" || say 'warning: the collations of the database were not compared with those of its image'
  archive_config
  tell_of_closed_egress
  tell_of_one_address
  where_to_look
}

# The running API serves until the new one can: the migrations run beside it, and only changed containers are
# recreated. Caddy is last, and usually unchanged.
start() {
  bring_up db
  wait_for_database
  done_step 'the database accepts connections'
  migrate
  bring_up api
  wait_for_api
  done_step 'the API is ready'
  bring_up caddy
  wait_for_front_door
  done_step 'the site answers through Caddy'
  bring_up --remove-orphans "${bystanders[@]}"
  tell_of_bystanders
  done_step 'backups, drills and monitoring are started'
}

bring_up() { compose up --detach --no-deps --no-build --quiet-pull "$@"; }

# follow_log ID SINCE: as long as the container runs. Not every driver of logs can be read.
follow_log() { docker logs --follow --since "$2" "$1" || true; }

migrate() {
  local begun id code
  begun=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  bring_up migrate
  id=$(containers_of migrate)
  quietly 'applying the migrations' follow_log "$id" "$begun"
  code=$(docker wait "$id")
  ((code != 0)) || return 0
  docker logs --since "$begun" "$id" >&2
  die "the migrations failed (exit code $code): the API of before goes on, if one ran" 'the reason is above; docs/runbooks/MigrationFailed.md' "$code"
}

note_live() {
  mkdir -p "$root/.data"
  pgdata_volume >"$(live_note)"
}

# The site is up, and stays so when this fails.
archive_config() {
  if [[ "$(env_value BACKUP_ENCRYPTION on)" == off ]]; then
    say '.env and secrets/ are in no backup: BACKUP_ENCRYPTION is off, and they are archived encrypted or not at all'
    return
  fi
  "$root/ops/backup-config.sh" --if-changed >/dev/null || say 'warning: .env, secrets/ and the data of Caddy were not archived: make backup-config'
}

tell_of_one_address() {
  [[ "$(env_value TLS internal)" == off && -z "$(env_value TRUSTED_FRONT '')" ]] || return 0
  say 'TLS=off without TRUSTED_FRONT: all clients have the address of the proxy, and share one rate limit: docs/how-to/domain-and-proxy.md'
}

tell_of_closed_egress() {
  [[ -n "$(env_value OFFSITE_S3_BUCKET '')" && "$(env_value EGRESS_INTERNAL true)" != false ]] || return 0
  say 'copies off-site are configured, and nothing gets out of the backup network: set EGRESS_INTERNAL=false in .env, then: make down up'
}

where_to_look() {
  local url prometheus
  url=$(env_value PUBLIC_URL https://localhost)
  prometheus=$(env_value PROMETHEUS_PORT 9090)
  cat <<END

The stack is healthy.
  site         $url/
  API          $url/api/docs
  Prometheus   http://127.0.0.1:$prometheus

A first request (--insecure while Caddy signs for localhost by itself):
  curl --insecure $url/api/health/db
END
}

main "$@"
