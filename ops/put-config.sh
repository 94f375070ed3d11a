#!/usr/bin/env bash
# Moves an unpacked archive of the configuration into place, each part whole or not at all; existing files are kept under
# another name. Run by restore-config.sh, which has checked everything before.
#   ops/put-config.sh .data/restore-config.a1b2c3
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/config-container.sh
source "$(dirname "$0")/config-container.sh"

# put SOURCE TARGET
put() {
  rm -rf "$2.restoring"
  mv "$1" "$2.restoring"
  if [[ -e "$2" ]]; then
    mv "$2" "$2.$stamp"
    say "kept $2.$stamp"
  fi
  mv "$2.restoring" "$2"
  say "put back $2"
}

# With the labels of Compose, which otherwise would not recognize the volume as its own.
put_caddy_data() {
  local volume
  [[ -d "$1" ]] || return 0
  volume=$(project)_caddy_data
  docker volume create --label "com.docker.compose.project=$(project)" --label com.docker.compose.volume=caddy_data "$volume" >/dev/null
  # shellcheck disable=SC2016 # expanded in there
  config_container --network none "${owners_rights[@]}" --volume "$(bind "$1" /from ro)" --volume "$volume:/data" --entrypoint bash -- -ec '
    rm -rf /data/.restoring
    shopt -s nullglob dotglob
    cp --archive /from /data/.restoring
    chown --reference=/from /data
    chmod --reference=/from /data
    cd /data/.restoring
    for item in *; do
      [ ! -e "/data/$item" ] || mv -T "/data/$item" "/data/.$item.$0"
      mv -T "$item" "/data/$item"
    done
    cd /data
    rm -rf /data/.restoring' "$stamp"
  say "put back the data of Caddy into the volume $volume"
}

main() {
  local unpacked=$1 secrets
  stamp=before-$(date -u +%Y%m%dT%H%M%SZ)
  secrets=$(ENV_FILE=$unpacked/env path_in_env SECRETS_DIR ./secrets)
  put "$unpacked/secrets" "$secrets"
  put "$unpacked/env" "$ENV_FILE"
  read_env
  put_caddy_data "$unpacked/caddy_data"
  # What a later version of the kit has besides, and the folders that containers mount.
  "$root/ops/setup.sh"
}

main "$@"
