#!/usr/bin/env bash
# Archives .env, secrets/ and Caddy's data, encrypted for the keys of the backups, and prints the archive's name. With
# --if-changed nothing is taken while the newest archive holds the same.
#   ops/backup-config.sh
#   ops/backup-config.sh --if-changed
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/config-container.sh
source "$(dirname "$0")/config-container.sh"

# The secrets belong to many users, so root reads them, in a container with that one right, no network, and no writable
# folder but that of the archives, which the group of the backups may write.
archive() {
  local secrets backups caddy mounts=()
  secrets=$(path_in_env SECRETS_DIR ./secrets)
  backups=$(path_in_env BACKUPS_DIR ./backups)
  caddy=$(project)_caddy_data
  if volume_exists "$caddy"; then
    mounts+=(--volume "$caddy:/state/caddy_data:ro")
  else
    refuse_incomplete "$caddy"
  fi
  config_container --network none --user 0:10001 --cap-add DAC_READ_SEARCH --env "REVISION=$(revision_of_checkout)" --env "BACKUP_ENCRYPTION=$(env_value BACKUP_ENCRYPTION on)" \
    --env BACKUP_AGE_IDENTITY_FILE=/state/secrets/backup/age_identity --env BACKUP_AGE_RECIPIENTS_FILE=/state/secrets/backup/age_recipients \
    --volume "$(bind "$(realpath "$ENV_FILE")" /state/env ro)" --volume "$(bind "$secrets" /state/secrets ro)" "${mounts[@]}" \
    --volume "$(bind "$backups/config" /backups/config)" -- config create "$@"
}

# Before the first start there are no certificates.
refuse_incomplete() {
  local volumes
  volumes=$(volumes_of '')
  [[ -z "$volumes" && ! -e "$(live_note)" ]] || die "the volume $1 with the certificates is not there, and an archive without it is not whole" \
    'COMPOSE_PROJECT_NAME in .env names the stack; make up makes its volumes'
}

revision_of_checkout() { git -C "$root" rev-parse --short HEAD 2>/dev/null || printf unknown; }

main() {
  require_engine 'archives are made in a container' 'start the engine, then: make up'
  [[ -e "$ENV_FILE" ]] || die "there is no ${ENV_FILE#"$root"/} to archive" 'make up writes it'
  require_backup_image 'make up builds it'
  archive "$@"
}

main "$@"
