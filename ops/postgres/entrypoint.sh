#!/usr/bin/env bash
# Starts PostgreSQL in its container; on an empty volume it first makes the cluster, the database and the roles.
# Works on the official image and on one built from Debian packages, and never as root.
#   entrypoint.sh [postgres options], e.g.  entrypoint.sh -c log_connections=on
set -Eeuo pipefail

readonly config=/etc/slipway
readonly socket=/run/postgresql

initialise() {
  # Made beside the final place and renamed last: a container killed here leaves nothing that looks like a cluster.
  local work="$PGDATA/.initialising"
  [[ ! -d "$work" ]] || find "$PGDATA" -mindepth 1 -delete
  refuse_foreign_files
  # A new volume takes its mode from the image, 1777 in the official one, and the server refuses that.
  chmod 0700 "$PGDATA"
  initdb --pgdata="$work" --username=postgres --auth=peer --data-checksums \
    --encoding=UTF8 --locale-provider=libc --locale=C.UTF-8 --no-instructions >/dev/null
  pg_ctl --pgdata="$work" --silent --wait --options="$(server_options) -c listen_addresses=''" start
  create_roles
  pg_ctl --pgdata="$work" --silent --wait --mode=fast stop
  find "$work" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv --target-directory="$PGDATA" {} +
  mv "$work/PG_VERSION" "$PGDATA/PG_VERSION"
  rmdir "$work"
}

refuse_foreign_files() {
  [[ -z "$(find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit)" ]] && return
  printf 'error: %s holds files but no PG_VERSION: not a cluster, and not overwritten\n' "$PGDATA" >&2
  printf 'hint: mount the volume that holds the cluster, or restore a backup into an empty one\n' >&2
  exit 1
}

# The server's own message names no remedy.
refuse_other_major() {
  local found image
  found=$(<"$PGDATA/PG_VERSION")
  image=$(postgres --version | sed -E 's/^postgres \(PostgreSQL\) ([0-9]+).*/\1/')
  [[ "$found" == "$image" ]] && return
  printf 'error: the cluster in %s is of PostgreSQL %s, and this image has %s\n' "$PGDATA" "$found" "$image" >&2
  printf 'hint: put POSTGRES_IMAGE and POSTGRES_VERSION in .env back to %s and make up; then: make upgrade-postgres TO=%s\n' "$found" "$image" >&2
  exit 1
}

server_options() {
  printf -- '-c config_file=%s/postgresql.conf -c hba_file=%s/pg_hba.conf' "$config" "$config"
}

create_roles() {
  sql postgres <<<'CREATE DATABASE slipway'
  sql slipway <"$config/roles.sql"
  "$config/set-passwords.sh"
}

sql() {
  psql --host="$socket" --username=postgres --dbname="$1" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=- >/dev/null
}

# The pools of three API processes, and 70 for all the others. The API itself refuses a value that is no number.
connections() {
  local pool=${DATABASE_POOL_SIZE:-10}
  [[ "$pool" =~ ^[1-9][0-9]{0,3}$ ]] || pool=10
  printf '%s' "$((3 * pool + 70))"
}

main() {
  umask 077
  # A first start on a slow disk takes as long as it takes; pg_ctl gives up after a minute.
  export PGCTLTIMEOUT=86400
  if [[ ! -s "$PGDATA/PG_VERSION" ]]; then
    printf 'no cluster in %s: making one\n' "$PGDATA" >&2
    initialise
  fi
  refuse_other_major
  "$config/keep-ballast.sh" "${POSTGRES_BALLAST_MB:-0}" || printf 'warning: no ballast could be put into %s\n' "$PGDATA" >&2
  local archive=off
  if [[ "${ARCHIVE:-on}" == on ]]; then
    archive=on
    # By a subshell that ends at once: a child of this shell would be one of the server's, who knows nothing of it.
    ("$config/keep-archive.sh" &)
  fi
  exec postgres -D "$PGDATA" -c "config_file=$config/postgresql.conf" -c "hba_file=$config/pg_hba.conf" -c "archive_mode=$archive" -c "max_connections=$(connections)" \
    -c "max_locks_per_transaction=${POSTGRES_MAX_LOCKS_PER_TRANSACTION:-256}" "$@"
}

main "$@"
