# shellcheck shell=bash
# The container in which archives of the configuration are made and opened. Sourced after lib.sh, never run.

# Rights of root over files of other users, who own the unpacked files.
# shellcheck disable=SC2034 # used by those who source this
owners_rights=(--user 0:0 --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER)

backup_image() { printf '%s/backup:%s' "$(image_prefix)" "$(env_value IMAGE_TAG local)"; }

# config_container OPTIONS... -- ARGS...: the root folder is read-only. OPTIONS add its capabilities and its network.
config_container() {
  local options=()
  while [[ "$1" != -- ]]; do options+=("$1"); shift; done
  shift
  docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges --memory 256m --pids-limit 64 \
    --tmpfs /tmp:size=16m,mode=1777 --env DATABASE_URL=postgres://nobody@localhost/none "${options[@]}" "$(backup_image)" "$@"
}

require_backup_image() {
  docker image inspect "$(backup_image)" >/dev/null 2>&1 ||
    die "there is no image $(backup_image), in which archives are made and opened" "$1"
}
