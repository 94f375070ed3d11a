#!/bin/sh
# Starts Caddy with the values that follow from the settings of .env; ends with 2 and lists every fault when they contradict each
# other. Runs in the official image, where there is no bash.
#   start.sh [arguments of caddy], e.g.  start.sh validate --config /etc/caddy/Caddyfile --adapter caddyfile
set -eu

caddy_folder=$(dirname "$0")
# shellcheck source=ops/caddy/settings.sh
. "$caddy_folder/settings.sh"

judge_settings
if [ -n "$faults" ]; then
  printf '%s' "$faults" | awk -F '\t' '{ printf "error: %s: %s\nhint: %s\n", $1, $2, $3 }' >&2
  exit 2
fi
derive_sites
derive_front
derive_limits
[ "$#" -gt 0 ] || set -- run --config /etc/caddy/Caddyfile --adapter caddyfile
exec caddy "$@"
