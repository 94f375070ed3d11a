#!/usr/bin/env bash
# Sets the given KEY=VALUE lines in an env file: replaced in place, else added at the end; every other line stays as it is.
# The file takes its place only when Compose reads the new values out of it.
# Example: ops/base-images/point-env.sh .env NODE_IMAGE=slipway-base/node:24 POSTGRES_VERSION=17
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/../lib.sh"

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

# says FILE KEY=VALUE...
says() {
  local file=$1 setting
  shift
  for setting in "$@"; do
    [[ "$(ENV_FILE=$file env_value "${setting%%=*}" '')" == "${setting#*=}" ]] || { unread=${setting%%=*}; return 1; }
  done
}

# In place; a line that only looks like one, inside a value of several lines, is left alone: then the last line of a file wins.
write_partial() {
  if [[ ! -e $file ]]; then
    printf '%s\n' "$@" >"$partial"
    return
  fi
  with_settings "$file" "$(printf '%s\n' "$@")" >"$partial"
  if ! (says "$partial" "$@"); then awk '{ print }' "$file" >"$partial" && printf '%s\n' "$@" >>"$partial"; fi
  chmod --reference="$file" "$partial" && chown --reference="$file" "$partial"
}

main() {
  file=$1
  shift
  # A link stays one.
  [[ ! -L $file ]] || file=$(realpath "$file")
  umask 077
  # Beside the file, so that the rename is one step; the trap takes it away when there was nothing to rename.
  partial=$(mktemp "$file.XXXXXX")
  # shellcheck disable=SC2064  # the path of now
  trap "rm -f ${partial@Q}" EXIT
  write_partial "$@"
  says "$partial" "$@" ||
    die "$unread in ${file##*/} would not be read as it is written there" "is $unread set in the environment? That wins over the file: unset $unread"
  if cmp -s "$file" "$partial"; then return; fi
  mv "$partial" "$file"
}

main "$@"
