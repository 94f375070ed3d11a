#!/usr/bin/env bash
# Brings the newest archive of the configuration from off-site storage into backups/config: the first step on an empty machine,
# where there is neither .env nor a secret yet. Where the storage is, and its two keys, comes from the file S3, which holds the
# same OFFSITE_S3_ lines as .env and the keys as OFFSITE_S3_ACCESS_KEY_ID and OFFSITE_S3_SECRET_ACCESS_KEY; without a file they
# are asked for, or read from standard input. They are in no argument and no environment.
#   ops/fetch-config.sh S3=/media/stick/s3.env
#   ops/fetch-config.sh FROM=20261122T031500Z-a1b2c3
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/config-container.sh
source "$(dirname "$0")/config-container.sh"
# shellcheck source=ops/steps.sh
source "$root/ops/steps.sh"

readonly settings=(OFFSITE_S3_ENDPOINT OFFSITE_S3_BUCKET OFFSITE_S3_REGION OFFSITE_S3_PREFIX OFFSITE_S3_CA_FILE)
readonly keys=(OFFSITE_S3_ACCESS_KEY_ID OFFSITE_S3_SECRET_ACCESS_KEY)
from=latest s3='' work=''

ask_for() {
  local key value hidden
  for key in "${settings[@]}" "${keys[@]}"; do
    hidden=()
    [[ "$key" != *SECRET* ]] || hidden=(-s)
    read -r "${hidden[@]}" -p "$key: " value
    printf '%s=%s\n' "$key" "$value"
  done
  say ''
}

# given KEY: prints the given value, or nothing. The two keys are taken literally, without quotes or escapes; the other lines have the
# form of .env.
given() {
  case " ${keys[*]} " in
    *" $1 "*) sed -n "s/^$1=//p" "$work/s3.env" | tail -n 1 | tr -d '\r\n' ;;
    *) ENV_FILE=$work/settings.env env_value "$1" '' ;;
  esac
}

read_settings() {
  local key
  (
    umask 077
    if [[ -n "$s3" ]]; then cat -- "$s3"; elif [[ -t 0 ]]; then ask_for; else cat; fi >"$work/s3.env"
    sed -E '/^OFFSITE_S3_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)=/d' "$work/s3.env" >"$work/settings.env"
    for key in "${keys[@]}"; do given "$key" >"$work/$key"; done
  )
  for key in OFFSITE_S3_BUCKET "${keys[@]}"; do
    [[ -n "$(given "$key")" ]] || die "$key is missing: it says where the archives are, or opens the way to them" "S3=file with lines such as $key=..."
  done
}

# On an empty machine nothing was built yet; the names of its base images go into a temporary file.
build_image() {
  ! docker image inspect "$(backup_image)" >/dev/null 2>&1 || return 0
  if [[ ! -e "$ENV_FILE" ]]; then
    export ENV_FILE=$work/env
    : >"$ENV_FILE"
    read_env
  fi
  "$root/ops/provide-base-images.sh"
  "$root/ops/provide-ca.sh"
  quietly "building $(backup_image), in which archives are fetched and opened" compose build backup
}

fetch() {
  local key ca options=()
  for key in OFFSITE_S3_ENDPOINT OFFSITE_S3_BUCKET OFFSITE_S3_REGION OFFSITE_S3_PREFIX; do options+=(--env "$key=$(given "$key")"); done
  for key in "${keys[@]}"; do options+=(--volume "$(bind "$work/$key" "/run/secrets/$key" ro)" --env "${key}_FILE=/run/secrets/$key"); done
  ca=$(given OFFSITE_S3_CA_FILE)
  [[ -z "$ca" ]] || options+=(--volume "$(bind "$(realpath "$(path_of "$ca")")" /run/secrets/ca ro)" --env OFFSITE_S3_CA_FILE=/run/secrets/ca)
  config_container --network bridge --user "$EUID:$(id -g)" "${options[@]}" --volume "$(bind "$1" /backups/config)" -- config fetch -- "$from"
}

main() {
  local folder
  take_options 'FROM S3' "$@"
  require_readable 'the file' "$s3" 'S3=path of a file with the OFFSITE_S3_ lines'
  require_engine 'archives are fetched in a container' 'start the engine'
  folder=$(path_in_env BACKUPS_DIR ./backups)/config
  take_lock fetch-config
  mkdir -p "$folder" "$root/.data"
  # Files that a kill -9 left hold the keys of the storage.
  rm -rf "$root"/.data/fetch-config.*
  work=$(mktemp -d "$root/.data/fetch-config.XXXXXX")
  trap 'rm -rf "$work"; release_lock' EXIT
  read_settings
  build_image
  fetch "$folder"
}

main "$@"
