#!/usr/bin/env bash
# Judges DOMAIN, PUBLIC_URL, TLS, TRUSTED_FRONT, the ports, and the time-outs and limits of Caddy and API together, and ends with 2
# and every fault, each with its line of .env.
#   ops/check-settings.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

readonly caddy_folder=$root/ops/caddy
readonly judged=(DOMAIN TLS PUBLIC_URL PUBLIC_HTTP_PORT PUBLIC_HTTPS_PORT PROMETHEUS_PORT BIND_ADDRESS BIND_ADDRESS_IPV6 PUBLIC_IPV6 TRUSTED_FRONT HTTP_BODY_LIMIT_BYTES
  DATABASE_POOL_SIZE HTTP_MAX_CONCURRENT_REQUESTS HTTP_DRAIN_DELAY_MS HTTP_SHUTDOWN_TIMEOUT_MS HTTP_HEADERS_TIMEOUT_MS HTTP_RECEIVE_TIMEOUT_MS
  PROXY_HEADERS_TIMEOUT_MS PROXY_RECEIVE_TIMEOUT_MS PROXY_ANSWER_TIMEOUT_MS)

# place_of KEY WAS_SET: the last line of the file counts, and the environment counts more.
place_of() {
  local line
  if [[ -n "$2" ]]; then printf 'the environment'; return; fi
  line=$(sed -nE "/^[[:space:]]*(export[[:space:]]+)?$1[[:space:]]*[=:]/=" "$ENV_FILE" 2>/dev/null | tail -n 1)
  printf '%s' "${ENV_FILE#"$root"/}${line:+ line $line}"
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
  [[ -n "$faults" ]] || return 0
  while IFS=$'\t' read -r key problem hint; do
    say "error: $(place_of "$key" "$([[ "$set_here" != *" $key "* ]] || printf set)"): $key: $problem"
    say "hint: $hint"
  done <<<"${faults%$'\n'}"
  exit 2
}

main "$@"
