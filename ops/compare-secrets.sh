#!/usr/bin/env bash
# Refuses secrets that no reader could use: empty files, white space around the value, and sets whose files hold
# different values. Prints names alone. Files of the containers' users are read as root in a container.
#   ops/compare-secrets.sh SECRETS_FOLDER 'db/app_password api/app_password'...
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

# One line end at the end is the editor's; each reader drops it.
# shellcheck disable=SC2016 # for the shell that may read the files
readonly judge='
  cd "$1"
  shift
  cr=$(printf "\r") lf="
"
  for set in "$@"; do
    first=""
    for path in $set; do
      [ -e "$path" ] || continue
      [ -f "$path" ] || { echo "secrets/$path is no file"; continue; }
      [ "$(tr -d "\\000" <"$path" | wc -c)" = "$(wc -c <"$path")" ] || { echo "secrets/$path holds a NUL character"; continue; }
      value=$(cat "$path" && printf x) || exit
      value=${value%x}
      case $value in
        *$cr$lf) value=${value%$cr$lf} ;;
        *$lf) value=${value%$lf} ;;
      esac
      case $value in
        "") echo "secrets/$path is empty" ;;
        [[:space:]]* | *[[:space:]]) echo "secrets/$path begins or ends with white space" ;;
        *)
          if [ -z "$first" ]; then first=$path kept=$value; fi
          [ "$value" = "$kept" ] || echo "secrets/$path holds another value than secrets/$first"
          ;;
      esac
    done
  done'

all_readable() {
  local file
  while IFS= read -r file; do
    [[ -r "$file" ]] || return 1
  done < <(find "$1" -type f)
}

main() {
  local folder=$1 image faults
  shift
  if all_readable "$folder"; then
    faults=$(bash -c "$judge" judge "$folder" "$@")
  else
    image=$(base_image NODE_IMAGE)
    engine_answers && docker image inspect "$image" >/dev/null 2>&1 || return 0
    faults=$(docker run --rm --network none --read-only --cap-drop ALL --cap-add DAC_READ_SEARCH --security-opt label=disable --user 0:0 \
      --volume "$folder:/secrets:ro" --entrypoint bash "$image" -c "$judge" judge /secrets "$@")
  fi
  [[ -z "$faults" ]] || die "${faults//$'\n'/; }" 'each of a set holds the value that the database was made with: put the earlier files back (make restore-config has them)'
}

main "$@"
