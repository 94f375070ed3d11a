#!/usr/bin/env bash
# Sets the given KEY=VALUE lines in an env file: replaced in place, else added at the end; every other line stays as it is.
# Example: ops/base-images/point-env.sh .env NODE_IMAGE=slipway-base/node:24 POSTGRES_VERSION=17
set -Eeuo pipefail

with_settings() {
  awk -v settings="$2" '
    BEGIN {
      count = split(settings, lines, "\n")
      for (i = 1; i <= count; i++) { key = lines[i]; sub(/=.*/, "", key); wanted[key] = lines[i]; order[i] = key }
    }
    { key = $0; sub(/^[ \t]*(export[ \t]+)?/, "", key); sub(/[ \t]*=.*/, "", key) }
    /=/ && key in wanted { if (!(key in done)) print wanted[key]; done[key] = 1; next }
    { print }
    END { for (i = 1; i <= count; i++) if (!(order[i] in done)) print wanted[order[i]] }
  ' "$1"
}

main() {
  local file=$1 partial
  shift
  umask 077
  # Beside the file, so that the rename is one step; the trap takes it away when there was nothing to rename.
  partial=$(mktemp "$file.XXXXXX")
  # shellcheck disable=SC2064  # the path of now
  trap "rm -f ${partial@Q}" EXIT
  if [[ -e $file ]]; then
    with_settings "$file" "$(printf '%s\n' "$@")" >"$partial"
    chmod --reference="$file" "$partial" && chown --reference="$file" "$partial"
  else
    printf '%s\n' "$@" >"$partial"
  fi
  if cmp -s "$file" "$partial"; then return; fi
  mv "$partial" "$file"
}

main "$@"
