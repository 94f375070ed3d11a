#!/usr/bin/env bash
# Warns of indexes that may be wrong since an image with another C or ICU library took over. Changes nothing.
#   ops/check-collations.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  local stale what remedy
  stale=$(compose exec -T db psql --username=postgres --dbname=slipway --no-psqlrc --quiet --tuples-only --no-align \
    --field-separator=$'\t' --file=/etc/slipway/collations.sql </dev/null)
  [[ -n "$stale" ]] || return 0
  while IFS=$'\t' read -r what remedy; do
    printf "warning: %s: searches and unique keys may be wrong\nhint: in make psql: %s\n" "$what" "$remedy" >&2
  done <<<"$stale"
}

main "$@"
