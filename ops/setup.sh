#!/usr/bin/env bash
# Writes what is missing: .env and one random secret per reader. Never overwrites; run it as often as you like.
#   ops/setup.sh             DOMAIN=example.com TLS=you@example.com ops/setup.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

# The numeric users of the images (Dockerfile, compose.prod.yaml).
readonly db_uid=999 node_uid=10001 exporter_uid=65534

write_env() {
  [[ ! -e "$ENV_FILE" ]] || return 0
  local domain=${DOMAIN:-localhost} tls=${TLS:-internal}
  [[ "$domain" == localhost || "$tls" == *@* ]] ||
    die "a real domain needs an e-mail address for its certificates (got TLS=$tls)" "make setup DOMAIN=$domain TLS=you@$domain"
  sed -e "s|^DOMAIN=.*|DOMAIN=$domain|" -e "s|^TLS=.*|TLS=$tls|" -e "s|^PUBLIC_URL=.*|PUBLIC_URL=https://$domain|" \
    "$root/.env.example" >"$ENV_FILE.partial"
  chmod 600 "$ENV_FILE.partial"
  mv "$ENV_FILE.partial" "$ENV_FILE"
  say "wrote ${ENV_FILE#"$root"/}"
}

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

# New passwords would lock everybody out of a database that was made with others.
refuse_orphaned_volume() {
  [[ ! -e "$secrets/db/app_password" ]] && engine_answers || return 0
  local volume
  volume=${COMPOSE_PROJECT_NAME:-$(env_value COMPOSE_PROJECT_NAME slipway)}_pgdata
  ! docker volume inspect "$volume" >/dev/null 2>&1 ||
    die "the volume $volume holds a database, and the passwords that it was made with are not in $secrets" \
      "put that folder back; or, to start empty and lose the data: docker volume rm $volume"
}

# As root the files are given away directly; an ordinary user lets the engine do it. Folders stay the user's own; that of
# the backups is shared with the container's group, so that git still reads and writes what it tracks there.
give_away() {
  local script="chown $db_uid secrets/db/* && chown $node_uid secrets/api/* secrets/migrate/* secrets/backup/* &&
    chown $exporter_uid secrets/postgres-exporter/* && chgrp $node_uid backups && chmod 770 backups"
  if [[ "$EUID" -eq 0 ]]; then
    as_root "$script"
  elif engine_answers && is_ours; then
    in_container "$script"
  fi
}

as_root() {
  local links
  links=$(mktemp -d)
  ln -s "$secrets" "$links/secrets"
  ln -s "$backups" "$links/backups"
  (cd "$links" && bash -ec "$1")
  rm -r "$links"
}

is_ours() {
  [[ -n "$(find "$secrets" -type f -user "$EUID" -print -quit)" || "$(stat -c %g:%a "$backups")" != "$node_uid:770" ]]
}

in_container() {
  local image
  image=$(base_image NODE_IMAGE)
  if ! docker image inspect "$image" >/dev/null 2>&1 && ! docker pull --quiet "$image" >/dev/null 2>&1; then
    say "left for later: the containers cannot read secrets/ yet, because $image, which gives them away, is not here (make up does it)"
    return
  fi
  docker run --rm --network none --user 0:0 --workdir /own --entrypoint sh \
    --volume "$secrets:/own/secrets" --volume "$backups:/own/backups" "$image" -ec "$1"
}

# Folders that containers mount under users of their own: a checkout made with umask 027 keeps others out.
let_containers_read() {
  local mounted=(site ops/prometheus ops/exporters)
  (cd "$root" && find "${mounted[@]}" \( ! -perm -o=r -o -type d ! -perm -o=x \) -exec chmod a+rX {} +)
}

main() {
  umask 077
  write_env
  secrets=$(cd "$root" && realpath -m "$(env_value SECRETS_DIR ./secrets)")
  backups=$(cd "$root" && realpath -m "$(env_value BACKUPS_DIR ./backups)")
  install -d -m 700 "$secrets"
  mkdir -p "$backups"
  refuse_orphaned_volume
  secret db/migrator_password migrate/migrator_password
  secret db/app_password api/app_password
  secret db/backup_password backup/backup_password
  secret db/monitor_password postgres-exporter/monitor_password
  secret api/auth_secret
  give_away
  let_containers_read
}

main "$@"
