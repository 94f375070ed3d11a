#!/usr/bin/env bash
# Gives the roles the passwords of the secrets. A password stands in no argument, no log and no statement's text: psql quotes it.
#   set-passwords.sh            PGHOST=/tmp/socket SECRETS=/tmp/secrets set-passwords.sh
set -Eeuo pipefail

readonly secrets=${SECRETS:-/run/secrets}

die() {
  printf 'error: %s\nhint: %s\n' "$1" 'write another value into the files of that secret in secrets/, the same in each' >&2
  exit 1
}

# Without the line end of an editor, as the other readers of the secrets take it.
read_secret() {
  local text
  text=$(cat "$secrets/$1" && printf .)
  text=${text%.}
  case $text in
    *$'\r\n') text=${text%$'\r\n'} ;;
    *) text=${text%$'\n'} ;;
  esac
  [[ -n "$text" ]] || die "the secret $1 is empty"
  [[ "$text" != [[:space:]]* && "$text" != *[[:space:]] ]] || die "the secret $1 begins or ends with white space, which the exporter cuts off"
  printf %s. "$text"
}

# The server logs no statement of this session, and psql shows no line of it, whatever fails.
set_password() {
  role=$1 password=$2 psql --host="${PGHOST:-/run/postgresql}" --username=postgres --dbname=postgres --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=- <<'END'
\set VERBOSITY terse
SET log_min_error_statement = panic;
SET log_statement = none;
SET log_min_duration_statement = -1;
\getenv role role
\getenv password password
ALTER ROLE :"role" PASSWORD :'password';
END
}

main() {
  local each value
  for each in migrator app backup monitor; do
    value=$(read_secret "${each}_password")
    set_password "$each" "${value%.}" || die "the server did not take the secret ${each}_password"
  done
}

main "$@"
