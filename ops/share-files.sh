#!/usr/bin/env bash
# Lets the users of the containers, and nobody else, read and write what is theirs on the host. Again is harmless.
#   ops/share-files.sh SECRETS_FOLDER BACKUPS_FOLDER
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

# The numeric users of the images (Dockerfile, compose.prod.yaml).
readonly db_uid=999 node_uid=10001 exporter_uid=65534

# As root the files are given away directly; an ordinary user lets the engine do it. Folders stay the user's own; that of
# the backups is shared with the container's group, so that git still reads and writes what it tracks there. What is in it
# is the server's user's, as the repository of pgBackRest has to be.
give_away() {
  local script="[ -e \"\$secrets\"/restore/migrator_password ] ||
      install -m 400 \"\$secrets\"/{migrate,restore}/migrator_password
    chown $db_uid \"\$secrets\"/{db,backup,restore}/*; chown $node_uid \"\$secrets\"/{api,migrate}/*
    chown $exporter_uid \"\$secrets\"/postgres-exporter/*; chgrp $node_uid \"\$backups\"; chmod 770 \"\$backups\"
    chown -h $db_uid:$node_uid \"\$backups\"/{continuous,config}; chmod 750 \"\$backups\"/continuous; chmod 770 \"\$backups\"/config
    find \"\$backups\"/config -type f ! -group $node_uid -exec chown -h $db_uid:$node_uid {} +
    find \"\$backups\" -mindepth 1 -user $node_uid -exec chown -h $db_uid {} +"
  if [[ "$EUID" -eq 0 ]]; then
    secrets=$secrets backups=$backups bash -ec "$script"
  elif engine_answers && is_ours; then
    in_container "$script"
  fi
}

is_ours() {
  [[ -n "$(find "$secrets" -type f -user "$EUID" -print -quit)" || "$(stat -c %g:%a "$backups")" != "$node_uid:770" ]] ||
    [[ ! -e "$secrets/restore/migrator_password" || "$(stat -c %u "$backups/continuous")" != "$db_uid" ]] ||
    [[ "$(stat -c %u:%a "$backups/config")" != "$db_uid:770" ]]
}

in_container() {
  local image
  image=$(base_image NODE_IMAGE)
  if ! docker image inspect "$image" >/dev/null 2>&1 && ! docker pull --quiet "$image" >/dev/null 2>&1; then
    say "left for later: the containers cannot read secrets/ yet, because $image, which gives them away, is not here (make up does it)"
    return
  fi
  docker run --rm --network none --user 0:0 --env secrets=/secrets --env backups=/backups --entrypoint bash \
    --volume "$secrets:/secrets" --volume "$backups:/backups" "$image" -ec "$1"
}

# Folders that containers mount under users of their own: a checkout made with umask 027 keeps others out.
open_mounted_folders() {
  local mounted=(site ops/prometheus ops/exporters)
  (cd "$root" && find "${mounted[@]}" \( ! -perm -o=r -o -type d ! -perm -o=x \) -exec chmod a+rX {} +)
}

main() {
  secrets=$1
  backups=$2
  give_away
  open_mounted_folders
}

main "$@"
