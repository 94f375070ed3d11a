#!/usr/bin/env bash
# Makes the keys that backups are encrypted for, where there are none: this host's own, which goes into secrets/, and a recovery
# key, which is shown once and stored nowhere. Needs the image of the backup; runs without a network.
#   ops/backup-keys.sh
#   BACKUP_RECOVERY_RECIPIENT=age1... ops/backup-keys.sh     the public half of a key made elsewhere: none is shown
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

keygen() {
  docker run --rm --network none --read-only --cap-drop ALL --entrypoint age-keygen \
    "$(image_prefix)/backup:$(env_value IMAGE_TAG local)" 2>/dev/null
}

identity_in() { sed -n '/^AGE-SECRET-KEY-/p' <<<"$1"; }

recipient_in() { sed -n 's/^# public key: //p' <<<"$1"; }

# write NAME CONTENT: writes the whole file or nothing, readable for its owner alone.
write() {
  (umask 277 && printf '%s\n' "$2" >"$secrets/$1.partial")
  mv -f "$secrets/$1.partial" "$secrets/$1"
}

# The half that stays with the user. Printed by the shell itself: no other process of this machine can read it.
show() {
  say "
The recovery key of your backups. It is shown this once and stored nowhere. When this machine is lost, it is all that opens them:

  $1

Keep it away from this machine. To prove that you have it: make backup-key-test
"
}

make_keys() {
  local host recovery recipient
  host=$(keygen) || die 'no keys could be made: age does not run in the image of the backup' 'make up builds that image'
  recipient=$(env_value BACKUP_RECOVERY_RECIPIENT '')
  if [[ -z "$recipient" ]]; then
    recovery=$(keygen)
    recipient=$(recipient_in "$recovery")
  fi
  [[ "$recipient" =~ ^age1[0-9a-z]{58}$ ]] || die "no public key of age (got $recipient)" 'age-keygen -y prints the one that belongs to a key'
  write backup/age_identity "$(identity_in "$host")"
  write restore/age_identity "$(identity_in "$host")"
  write backup/age_recipients "$(recipient_in "$host")"$'\n'"$recipient"
  # A container that was started earlier has the old files mounted.
  [[ -z "$(compose ps --all --quiet backup)" ]] || compose rm --force --stop backup >&2
  [[ -z "${recovery:-}" ]] || show "$(identity_in "$recovery")"
  "$root/ops/share-files.sh" "$secrets" "$(path_in_env BACKUPS_DIR ./backups)"
}

main() {
  [[ "$(env_value BACKUP_ENCRYPTION on)" != off ]] || return 0
  secrets=$(path_in_env SECRETS_DIR ./secrets)
  if [[ -s "$secrets/backup/age_recipients" && -s "$secrets/backup/age_identity" ]]; then return; fi
  [[ ! -s "$secrets/backup/age_recipients" && ! -s "$secrets/backup/age_identity" ]] ||
    die "one of secrets/backup/age_identity and age_recipients is empty" 'put it back from a copy; new keys would not open the backups that are there'
  make_keys
}

main "$@"
