#!/usr/bin/env bash
# Renders the outputs whose changes a review should see: the help, the Compose model with nothing set, Caddy's JSON.
#   ops/goldens.sh           writes test/kit/golden/
#   ops/goldens.sh --check   compares instead, and fails on a difference
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

help() { make --silent --no-print-directory help; }

# Settings of the caller's environment would end up in the model.
compose_prod() {
  env -i PATH="$PATH" HOME="${HOME:-}" ${DOCKER_CONFIG:+"DOCKER_CONFIG=$DOCKER_CONFIG"} docker compose --file compose.prod.yaml --env-file /dev/null config --no-path-resolution
}

caddyfile() {
  docker run --rm --network none --volume "$root/Caddyfile:/etc/caddy/Caddyfile:ro" --entrypoint caddy "$(base_image CADDY_IMAGE)" \
    adapt --pretty --adapter caddyfile --config /etc/caddy/Caddyfile 2>/dev/null
}

# golden NAME COMMAND
golden() {
  local file="test/kit/golden/$1" rendered
  rendered=$(mktemp)
  "$2" >"$rendered" || die "$1 could not be rendered" "run it by hand: $2 in ops/goldens.sh"
  if [[ "$check" == yes ]]; then
    diff -u "$file" "$rendered" || die "$1 differs from its golden" 'make goldens, and read the difference'
    rm "$rendered"
  else
    mv "$rendered" "$file"
    chmod 644 "$file"
  fi
}

main() {
  cd "$root"
  check=no
  [[ "${1:-}" != --check ]] || check=yes
  golden make-help.txt help
  if docker compose version >/dev/null 2>&1; then
    golden compose.prod.yaml compose_prod
  else
    left_out 'golden of the Compose model' 'docker compose'
  fi
  if docker image inspect "$(base_image CADDY_IMAGE)" >/dev/null 2>&1; then
    golden caddy.json caddyfile
  else
    left_out "golden of Caddy's JSON" 'the Caddy image'
  fi
}

main "$@"
