#!/usr/bin/env bash
# Writes missing files: .env and one random secret per reader. Never overwrites; can be run at any time.
#   ops/setup.sh             DOMAIN=example.com TLS=you@example.com ops/setup.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

# The first of several names is that of PUBLIC_URL. A project of the environment is written down, for a later shell without it
# would work on another stack.
write_env() {
  if [[ -e "$ENV_FILE" ]]; then kept; return; fi
  local domain tls=${TLS:-} host named=()
  # With one comma between two names, and none at the ends.
  domain=$(printf '%s' "${DOMAIN:-localhost}" | tr -s ',[:space:]' ',' | sed 's/^,//; s/,$//')
  host=${domain%%,*}
  host=${host#\[} host=${host%\]}
  [[ "$host" != *:* ]] || host="[$host]"
  [[ -n "$tls" || "$domain" == localhost ]] ||
    die "a domain needs an e-mail address for its certificates (got TLS=)" "make setup DOMAIN=$domain TLS=you@$host, or TLS=internal, or TLS=off behind a proxy"
  [[ "$domain$tls" != *[\"\'\`\$\\\|\&\#[:space:]]* ]] || die "DOMAIN or TLS holds a character that no name has (got $domain, $tls)" 'make setup DOMAIN=example.com TLS=you@example.com'
  if [[ -n "${COMPOSE_PROJECT_NAME:-}" ]]; then
    refuse_name
    named=(-e "s|^#COMPOSE_PROJECT_NAME=.*|COMPOSE_PROJECT_NAME=$COMPOSE_PROJECT_NAME|")
  fi
  sed -e "s|^DOMAIN=.*|DOMAIN=$domain|" -e "s|^TLS=.*|TLS=${tls:-internal}|" -e "s|^PUBLIC_URL=.*|PUBLIC_URL=https://$host|" \
    "${named[@]}" "$root/.env.example" >"$ENV_FILE.partial"
  chmod 600 "$ENV_FILE.partial"
  # A file that would be refused is not written.
  ENV_FILE=$ENV_FILE.partial "$root/ops/check-settings.sh" || { local code=$?; rm "$ENV_FILE.partial"; exit "$code"; }
  mv "$ENV_FILE.partial" "$ENV_FILE"
  read_env
  say "wrote ${ENV_FILE#"$root"/}"
  publish_ipv6
}

# The engine keeps the addresses of IPv6 clients from 27 on; before, all of them have that of its gateway.
publish_ipv6() {
  engine_answers && [[ "$(docker version --format '{{.Server.Version}}')" =~ ^(2[7-9]|[3-9][0-9])\. ]] && has_ipv6 || return 0
  try_ipv6_network 2>/dev/null || return 0
  "$root/ops/point-env.sh" "$ENV_FILE" PUBLIC_IPV6=true BIND_ADDRESS_IPV6=::
  read_env
  say 'the host and its engine have IPv6: the site is published on both (PUBLIC_IPV6, BIND_ADDRESS_IPV6)'
}

# An address that is neither of one link nor of the host alone.
has_ipv6() { awk '$4 == "00" { found = 1 } END { exit !found }' "${IF_INET6:-/proc/net/if_inet6}" 2>/dev/null; }

# Asked for another value than the one that is written down, it says why nothing happens.
kept() {
  local key value
  for key in DOMAIN=localhost TLS=internal; do
    value=$(unset DOMAIN TLS; read_env; env_value "${key%=*}" "${key#*=}")
    key=${key%=*}
    [[ "${!key:-$value}" == "$value" ]] ||
      say "kept ${ENV_FILE#"$root"/}, which says $key=$value: for another change DOMAIN, TLS and PUBLIC_URL in it"
  done
  (unset DOMAIN TLS; exec "$root/ops/check-settings.sh")
}

# Each is one value, with a file for each of its readers.
readonly secret_sets=(
  'db/migrator_password migrate/migrator_password'
  'db/app_password api/app_password'
  'db/backup_password backup/backup_password'
  'db/monitor_password postgres-exporter/monitor_password'
  'api/auth_secret'
  'db/repo_cipher_pass backup/repo_cipher_pass restore/repo_cipher_pass'
)

# secret READER/NAME...: one value, written to each path that does not exist yet; half a set is a fault.
secret() {
  local path missing=()
  for path in "$@"; do [[ -e "$secrets/$path" ]] || missing+=("$path"); done
  ((${#missing[@]} > 0)) || return 0
  ((${#missing[@]} == $#)) ||
    die "secrets of one set are there, others are not (missing: ${missing[*]})" "put the missing file back: it holds the same value as the others of ($*)"
  local value
  value=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
  for path in "$@"; do
    install -d -m 700 "$secrets/${path%/*}"
    (umask 277 && printf '%s' "$value" >"$secrets/$path.partial")
  done
  for path in "$@"; do mv "$secrets/$path.partial" "$secrets/$path"; done
  say "wrote ${*/#/secrets/}"
}

# No account until the operator writes one: Compose mounts the file anyway, and an empty one counts as not set.
empty_secret() {
  local path
  for path in "$@"; do
    [[ ! -e "$secrets/$path" ]] || continue
    install -d -m 700 "$secrets/${path%/*}"
    (umask 277 && : >"$secrets/$path")
  done
}

# With new passwords no role could log in to a database that was made with other passwords.
refuse_orphaned_volume() {
  [[ ! -e "$secrets/db/app_password" ]] && engine_answers || return 0
  local volume kept
  # Its own passwords are in the other folder, and to remove its volume would be wrong.
  [[ "${MOVED:-}" == 1 ]] || refuse_other_folder
  volume=$(pgdata_volume)
  kept=$(volumes_of pgdata)
  ! volume_exists "$volume" || kept=$volume
  [[ -z "$kept" ]] || die "the volume ${kept//$'\n'/ } holds a database, and the passwords that it was made with are not in $secrets" \
    "put that folder back; or, to start empty and lose the data: docker volume rm ${kept//$'\n'/ }"
}

main() {
  require_minimums
  require_mountable 'the checkout' "$root"
  umask 077
  write_env
  "$root/ops/provide-ca.sh"
  secrets=$(path_in_env SECRETS_DIR ./secrets)
  backups=$(path_in_env BACKUPS_DIR ./backups)
  maintenance=$(path_in_env MAINTENANCE_DIR ./.data/maintenance)
  require_own_folder SECRETS_DIR "$secrets"
  require_own_folder BACKUPS_DIR "$backups"
  require_own_folder MAINTENANCE_DIR "$maintenance"
  install -d -m 700 "$secrets"
  # Read by Caddy's user; the engine would make it for root alone to write.
  install -d -m 755 "$maintenance"
  mkdir -p "$backups"/{continuous,config} ||
    die "the folders continuous and config cannot be made in $backups" 'make both there, for the user 999 and the group 10001 to write'
  refuse_orphaned_volume
  local set
  # shellcheck disable=SC2086 # the paths of a set
  for set in "${secret_sets[@]}"; do secret $set; done
  # Filled by backup-keys.sh once there is an image with age in it.
  empty_secret backup/age_recipients {backup,restore}/age_identity
  empty_secret {db,backup}/{offsite_access_key_id,offsite_secret_access_key} backup/heartbeat_url
  # Filled by share-files.sh with what the migrator has: it came later, and an ordinary user cannot read the others by now.
  install -d -m 700 "$secrets/restore"
  "$root/ops/share-files.sh" "$secrets" "$backups"
  "$root/ops/compare-secrets.sh" "$secrets" "${secret_sets[@]}" 'migrate/migrator_password restore/migrator_password'
}

main "$@"
