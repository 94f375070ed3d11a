#!/usr/bin/env bash
# Brings up the production stack and waits until it is healthy; without an engine, the same API on an embedded server.
#   ops/up.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  require_minimums
  if ! engine_answers; then
    say 'no Docker engine answers: running the same API on an embedded PostgreSQL 16'
    make --silent -C "$root" node_modules
    exec "$root/ops/embedded.sh" up
  fi
  take_lock up
  "$root/ops/setup.sh"
  # With what the caller's environment says besides, as the containers get it.
  "$root/ops/check-settings.sh"
  "$root/ops/claim-host.sh"
  "$root/ops/provide-base-images.sh"
  read_env
  # Again, now that there is an image: an ordinary user's files are given away in a container.
  "$root/ops/setup.sh"
  REVISION=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || printf unknown) compose build --quiet
  "$root/ops/backup-keys.sh"
  "$root/ops/before-migration.sh"
  start
  note_live
  "$root/ops/check-collations.sh" || say 'warning: the collations of the database were not compared with those of its image'
  archive_config
  tell_of_closed_egress
  where_to_look
}

start() {
  compose up --detach --wait --wait-timeout 180 --remove-orphans --quiet-pull && return
  say 'error: the stack did not become healthy'
  compose ps --all --format 'table {{.Service}}\t{{.Status}}' >&2
  local faulty
  mapfile -t faulty < <(compose ps --all --format '{{.Service}} {{.Status}}' | sed -nE '/\(healthy\)|Exited \(0\)/! s/ .*//p')
  ((${#faulty[@]} == 0)) || compose logs --no-color --tail 20 "${faulty[@]}" >&2
  die "what is not well is: ${faulty[*]:-unknown}" 'its last lines are above; for more: make logs SERVICE=name'
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
