#!/usr/bin/env bash
# Judges DOMAIN, PUBLIC_URL, TLS, TRUSTED_FRONT, the ports, and the time-outs and limits of Caddy and API together, and each setting
# that no process reads; ends with 2 and every fault, each with its line of .env.
#   ops/check-settings.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

readonly caddy_folder=$root/ops/caddy
readonly judged=(DOMAIN TLS PUBLIC_URL PUBLIC_HTTP_PORT PUBLIC_HTTPS_PORT PROMETHEUS_PORT BIND_ADDRESS BIND_ADDRESS_IPV6 PUBLIC_IPV6 TRUSTED_FRONT HTTP_BODY_LIMIT_BYTES
  DATABASE_POOL_SIZE HTTP_MAX_CONCURRENT_REQUESTS HTTP_DRAIN_DELAY_MS HTTP_SHUTDOWN_TIMEOUT_MS HTTP_HEADERS_TIMEOUT_MS HTTP_RECEIVE_TIMEOUT_MS
  PROXY_HEADERS_TIMEOUT_MS PROXY_RECEIVE_TIMEOUT_MS PROXY_ANSWER_TIMEOUT_MS
  POSTGRES_VERSION POSTGRES_BALLAST_MB POSTGRES_MAX_LOCKS_PER_TRANSACTION ARCHIVE_WAL_CEILING_MB ARCHIVE BACKUP_ENCRYPTION EGRESS_INTERNAL
  DEV_DATABASE_PORT DEV_HTTP_PORT DEV_METRICS_PORT BACKUPS_DIR MAINTENANCE_DIR)

# place_of KEY WAS_SET: the last line of the file counts, and the environment counts more.
place_of() {
  local line
  if [[ -n "$2" ]]; then printf 'the environment'; return; fi
  line=$(sed -nE "/^[[:space:]]*(export[[:space:]]+)?$1[[:space:]]*[=:]/=" "$ENV_FILE" 2>/dev/null | tail -n 1)
  printf '%s' "${ENV_FILE#"$root"/}${line:+ line $line}"
}

# Values with which a server does not start, and words that a script would mistake for another one.
judge_others() {
  judge_range POSTGRES_VERSION 16 18
  judge_range POSTGRES_BALLAST_MB 0 65536
  judge_range POSTGRES_MAX_LOCKS_PER_TRANSACTION 64 65536
  judge_range ARCHIVE_WAL_CEILING_MB 64
  judge_words ARCHIVE on off
  judge_words BACKUP_ENCRYPTION on off
  judge_words EGRESS_INTERNAL true false
  for key in DEV_DATABASE_PORT DEV_HTTP_PORT DEV_METRICS_PORT; do judge_range "$key" 0 65535; done
  judge_folder BACKUPS_DIR
  judge_folder MAINTENANCE_DIR
}

# judge_range KEY LOWEST [HIGHEST]
judge_range() { [[ -z "${!1}" ]] || judge_number "$1" "${!1}" "${@:2}" || true; }

# judge_words KEY WORD WORD
judge_words() {
  [[ -z "${!1}" || "${!1}" == "$2" || "${!1}" == "$3" ]] || fault "$1" "expected $2 or $3 (got ${!1})" 'leave it out for the default'
}

# judge_folder KEY: Compose takes a name without a slash in front for that of a volume.
judge_folder() {
  # shellcheck disable=SC2088 # as it is written in .env
  case ${!1} in
    '' | . | .. | ./* | ../* | /* | '~' | '~/'*) ;;
    *) fault "$1" "expected a path that begins with /, ./, ../ or ~/ (got ${!1})" "$1=./${!1}" ;;
  esac
}

main() {
  local key problem hint set_here=' '
  for key in "${judged[@]}"; do
    [[ -z "${!key+set}" ]] || set_here+="$key "
    export "$key=$(env_value "$key" '')"
  done
  # shellcheck source=ops/caddy/settings.sh
  source "$caddy_folder/settings.sh"
  judge_settings
  judge_others
  [[ -n "$faults" ]] || return 0
  while IFS=$'\t' read -r key problem hint; do
    say "error: $(place_of "$key" "$([[ "$set_here" != *" $key "* ]] || printf set)"): $key: $problem"
    say "hint: $hint"
  done <<<"${faults%$'\n'}"
  exit 2
}

main "$@"
