#!/usr/bin/env bash
# Asks the running database whether it takes the passwords in secrets/, and names each file that it refuses. The files are mounted
# anew: a container that runs still has those of its own start.
#   ops/check-passwords.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2016 # for the shell in the container
readonly ask='
  cr=$(printf "\r")
  for role in migrator app backup monitor; do
    password=$(</run/secrets/"$role"_password)
    said=$(PGPASSWORD=${password%"$cr"} PGCONNECT_TIMEOUT=10 psql --host=db --username="$role" --dbname=slipway -XAtc "SELECT 1" 2>&1) && continue
    case $said in
      *"password authentication failed"*) echo "$role" ;;
      # The server reports this after it accepted the password.
      *"is not permitted to log in"* | *"too many connections for role"* | *"permission denied for database"*) ;;
      *) printf "%s\n" "$said" >&2; exit 1 ;;
    esac
  done'

main() {
  local refused role
  refused=$(compose run --rm --no-deps -T --entrypoint bash db -c "$ask") ||
    die 'the database cannot be asked whether it takes the passwords' 'make logs SERVICE=db'
  [[ -n "$refused" ]] || return 0
  for role in $refused; do say "error: the database refuses the password of the role $role, in secrets/db/${role}_password"; done
  die 'a password in secrets/ is another one than the database was made with' \
    'put the earlier files back (make restore-config has them); or, to keep these: ops/compose.sh up --detach --force-recreate db, then ops/compose.sh exec db /etc/slipway/set-passwords.sh, then make down up'
}

main "$@"
