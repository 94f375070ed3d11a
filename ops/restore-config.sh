#!/usr/bin/env bash
# Puts back .env, secrets/ and Caddy's data as an archive of `make backup-config` holds them; the stack has to be down. What
# is there stays, under another name, and only with YES=1 anything takes its place. FROM is a name, a path, or latest. The key
# is read from the file KEY, or asked for without an echo; it is in no argument and no environment.
#   ops/restore-config.sh FROM=latest KEY=/media/stick/recovery.key
#   ops/restore-config.sh FROM=/root/20261122T031500Z-a1b2c3.tar.age YES=1
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/config-container.sh
source "$(dirname "$0")/config-container.sh"

readonly refused=54
from=latest key='' yes=${YES:-} work=''

parse() {
  take_options 'FROM KEY YES' "$@"
  require_readable 'the key file' "$key" 'KEY=path of a file that holds the recovery key'
  [[ "$from" != */* || -r "$from" ]] || die "there is no archive at $from" 'backups/config holds those that are here'
}

refuse() { die "$1" "$2" "$refused"; }

given_key() {
  local typed
  if [[ -n "$key" ]]; then
    cat -- "$key"
  elif [[ -t 0 ]]; then
    read -r -s -p 'Recovery key (it is not shown): ' typed
    say ''
    printf '%s\n' "$typed"
  else
    cat
  fi
}

# Unpacks into a temporary folder; faults of key or archive end the script here.
unpack() {
  local folder name=$from
  folder=$(path_in_env BACKUPS_DIR ./backups)/config
  if [[ "$from" == */* ]]; then
    [[ "$from" == /* ]] || from=./$from
    folder=$(dirname "$(realpath "$from")")
    require_mountable 'the archive' "$folder"
    name=/backups/config/$(basename "$from")
  fi
  mkdir -p "$folder"
  given_key | config_container --network none --interactive "${owners_rights[@]}" --volume "$(bind "$folder" /backups/config ro)" --volume "$(bind "$work" /into)" \
    -- config unpack --into=/into "--operator=$EUID:$(id -g)" -- "$name"
}

refuse_running() {
  local running
  running=$(docker ps --quiet --filter "label=com.docker.compose.project=$1")
  [[ -z "$running" ]] || refuse "the stack $1 is running with the settings that would be replaced" 'make down, then the same again'
}

refuse_overwriting() {
  local path
  for path in "$@"; do
    [[ "$yes" == 1 || ! -e "$path" ]] || refuse "$path is there already" 'with YES=1 it is kept beside under another name, and the one of the archive takes its place'
  done
}

main() {
  parse "$@"
  require_engine 'archives are opened in a container' 'start the engine'
  require_backup_image 'make up builds it'
  take_lock restore-config
  refuse_running "$(project)"
  mkdir -p "$root/.data"
  # Files that a kill -9 left hold every secret.
  rm -rf "$root"/.data/restore-config.*
  work=$(mktemp -d "$root/.data/restore-config.XXXXXX")
  trap 'rm -rf "$work"; release_lock' EXIT
  unpack >&2
  refuse_running "$(ENV_FILE=$work/env project)"
  refuse_overwriting "$ENV_FILE" "$(ENV_FILE=$work/env path_in_env SECRETS_DIR ./secrets)"
  "$root/ops/put-config.sh" "$work"
}

main "$@"
