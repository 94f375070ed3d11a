#!/usr/bin/env bash
# Makes Caddy answer every request with 503, Retry-After and a page, or lets the site through again. Takes effect with the next
# request and outlives restarts. A script names its reason, and can remove only its own page, never that of the operator.
#   ops/maintenance.sh on|off [FOR]          ops/maintenance.sh       says which, and nothing when the site is open
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

folder=$(path_in_env MAINTENANCE_DIR ./.data/maintenance)
readonly folder flag=$folder/on

reason_now() { sed -n 's/^for=//p' "$flag" 2>/dev/null || true; }

on() {
  if [[ -e "$flag" ]]; then
    say "the maintenance page was on already (for: $(reason_now))"
  else
    write_flag "$1"
  fi
  refuse_blind_caddy
}

write_flag() {
  [[ -d "$folder" ]] || install -d -m 755 "$folder"
  (umask 022 && printf 'for=%s\nsince=%s\n' "$1" "$(date -u +%FT%TZ)" >"$folder/.on.partial")
  mv "$folder/.on.partial" "$flag"
  say 'the maintenance page is on: everybody gets 503'
}

# A folder that was removed and created again is not the one that the container mounts.
refuse_blind_caddy() {
  service_runs caddy || { say 'Caddy is not running: nobody gets any answer'; return; }
  compose exec -T caddy test -e /maintenance/on ||
    die "Caddy does not see $flag and still lets everybody in" 'docker compose -f compose.prod.yaml up --detach --force-recreate caddy'
}

off() {
  if [[ ! -e "$flag" ]]; then say 'the maintenance page is off'; return; fi
  if [[ "$1" != operator && "$(reason_now)" != "$1" ]]; then
    say "the maintenance page stays on (for: $(reason_now)); when that is over: make maintenance OFF=1"
    return
  fi
  rm "$flag"
  say 'the maintenance page is off: the site is open'
}

status() {
  [[ ! -e "$flag" ]] || say "the maintenance page is ON since $(sed -n 's/^since=//p' "$flag") (for: $(reason_now)); make maintenance OFF=1 opens the site"
}

main() {
  [[ -e "$ENV_FILE" ]] || die 'there is no .env yet' 'make up'
  require_engine 'the page is shown by Caddy in a container' 'start the engine, then: make up'
  case "${1:-}" in
    on | off) "$1" "${2:-operator}" ;;
    '') status ;;
    *) die "expected on or off (got '$1')" 'make maintenance ON=1' ;;
  esac
}

main "$@"
