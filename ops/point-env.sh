#!/usr/bin/env bash
# Sets the given KEY=VALUE lines in an env file: replaced in place, else added at the end; every other line stays as it is.
# A value that Compose would read as something else is quoted, and one that it cannot hold is refused. The file takes its place
# only when Compose reads the new values out of it.
#   ops/point-env.sh .env NODE_IMAGE=slipway-base/node:24 POSTGRES_VERSION=17
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

# In single quotes nothing is expanded and nothing begins a comment.
as_lines() {
  local setting
  for setting in "$@"; do
    case ${setting#*=} in
      *[\'$'\n\r']*) die ".env cannot hold the value of ${setting%%=*}: it has a single quote or a line end" 'give another value' ;;
      *[!A-Za-z0-9_./:@%+,-]*) printf "%s='%s'\n" "${setting%%=*}" "${setting#*=}" ;;
      *) printf '%s\n' "$setting" ;;
    esac
  done
}

# By the environment: awk would read escapes in a variable of its command line.
with_settings() {
  settings=$2 awk '
    BEGIN {
      count = split(ENVIRON["settings"], lines, "\n")
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
  local lines
  lines=$(as_lines "$@") || exit
  if [[ ! -e $file ]]; then
    printf '%s\n' "$lines" >"$partial"
    return
  fi
  # With the mode and, for root, the owner of the file.
  cp -p "$file" "$partial"
  with_settings "$file" "$lines" >"$partial"
  if ! (says "$partial" "$@"); then awk '{ print }' "$file" >"$partial" && printf '%s\n' "$lines" >>"$partial"; fi
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
