#!/usr/bin/env bash
# Gives the users of the containers, and no other user, access to their files on the host. Can be run at any time.
#   ops/share-files.sh SECRETS_FOLDER BACKUPS_FOLDER
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

# The numeric users of the images (Dockerfile, compose.prod.yaml).
readonly db_uid=999 node_uid=10001 exporter_uid=65534

# As root the files are given away directly; an ordinary user lets the engine do it. Folders stay the user's own; that of
# the backups is shared with the container's group, so that git still reads and writes what it tracks there. What is in it
# is the server's user's, as the repository of pgBackRest has to be.
give_secrets="[ -e \"\$secrets\"/restore/migrator_password ] ||
    install -m 400 \"\$secrets\"/{migrate,restore}/migrator_password
  chown $db_uid \"\$secrets\"/{db,backup,restore}/*; chown $node_uid \"\$secrets\"/{api,migrate}/*
  chown $exporter_uid \"\$secrets\"/postgres-exporter/*"
give_backups="chgrp $node_uid \"\$backups\"; chmod 770 \"\$backups\"
  chown -h $db_uid:$node_uid \"\$backups\"/{continuous,config}; chmod 750 \"\$backups\"/continuous; chmod 770 \"\$backups\"/config
  find \"\$backups\"/config -type f ! -group $node_uid -exec chown -h $db_uid:$node_uid {} +
  find \"\$backups\" -mindepth 1 -user $node_uid -exec chown -h $db_uid {} +"

# Compose labels no file of a secret: the engine labels the folder when a container mounts it so.
label_secrets() {
  [[ -z "$(env_value SELINUX_LABEL '')" ]] || ! engine_answers || ! has_image || in_node_image true
}

give_away() {
  local said
  [[ "$EUID" -eq 0 ]] || { engine_answers && is_ours && has_image; } || return 0
  said=$(as_root "$give_secrets" 2>&1) || require_access "$secrets" "$reads_secrets" SECRETS_DIR "$said"
  said=$(as_root "$give_backups" 2>&1) || require_access "$backups" "$writes_backups" BACKUPS_DIR "$said"
}

as_root() {
  if [[ "$EUID" -eq 0 ]]; then
    secrets=$secrets backups=$backups bash -ec "$1"
  else
    in_node_image "$1"
  fi
}

# is PATH TEST...: of the path itself, not of what is in it.
is() { [[ -n "$(find "$1" -prune "${@:2}")" ]]; }

is_ours() {
  [[ -n "$(find "$secrets" -type f -user "$EUID")" || ! -e "$secrets/restore/migrator_password" ]] ||
    ! is "$backups" -group "$node_uid" -perm 770 || ! is "$backups/continuous" -user "$db_uid" || ! is "$backups/config" -user "$db_uid" -perm 770
}

# The access that each container's user needs. The folders belong to the user of the host; mounts do not pass through them.
reads_secrets="for each in $db_uid:db $db_uid:backup $db_uid:restore $node_uid:api $node_uid:migrate $exporter_uid:postgres-exporter; do
    for file in /secrets/\${each#*:}/*; do as \${each%:*} test -r /proc/self/fd/0 <\"\$file\" || exit 1; done
  done"
writes_backups="for folder in /backups /backups/continuous /backups/config; do
    as $db_uid sh -ec 'touch \"\$0/.probe\" && rm \"\$0/.probe\"' \"\$folder\" || exit 1
  done"

# exFAT, NFS and SMB do not allow a change of owner. Such a folder is used as it is when the right users can access its files.
require_access() {
  engine_answers && has_image || return 0
  in_node_image "as() { user=\$1; shift; setpriv --reuid \"\$user\" --regid $node_uid --clear-groups \"\$@\"; }; $2" >/dev/null 2>&1 ||
    die "the users of the containers cannot use $1, and its files cannot be given away: ${4%%$'\n'*}" \
      "mount it so that the user $db_uid and the group $node_uid read and write there, or set $3 in .env to a folder of another file system"
  say "$1 is used as it is: its files cannot be given away"
}

has_image() {
  local image
  image=$(base_image NODE_IMAGE)
  docker image inspect "$image" >/dev/null 2>&1 || docker pull --quiet "$image" >/dev/null 2>&1 && return
  say "left for later: the containers cannot read secrets/ yet, because $image, which gives them away, is not here (make up does it)"
  return 1
}

in_node_image() {
  docker run --rm --network none --user 0:0 --env secrets=/secrets --env backups=/backups --entrypoint bash \
    --volume "$(bind "$secrets" /secrets)" --volume "$(bind "$backups" /backups)" "$(base_image NODE_IMAGE)" -ec "$1"
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
  label_secrets
  open_mounted_folders
}

main "$@"
