#!/usr/bin/env bash
# Every check that needs no running stack. A tool that is not here is named in one line; with CI=true that is a failure.
#   ops/check.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  cd "$root"
  npm run --silent format:check
  npm run --silent lint
  npm run --silent typecheck
  npm run --silent walls
  npm run --silent unused
  npm run --silent db:check
  generated_is_fresh
  with_tool shellcheck shell
  with_image PROMETHEUS_IMAGE prometheus
  with_image CADDY_IMAGE caddy_file
  ops/goldens.sh --check
  say 'check: clean'
}

with_tool() { if command -v "$1" >/dev/null; then "$2"; else left_out "$2" "$1"; fi; }

with_image() {
  if docker image inspect "$(image_of "$1")" >/dev/null 2>&1; then "$2" "$(image_of "$1")"; else left_out "$2" "image $(image_of "$1")"; fi
}

# The images of compose.prod.yaml that have no stage in the Dockerfile have their default there.
image_of() {
  local pinned
  pinned=$(sed -n "s/.*\${$1:-\([^}]*\)}.*/\1/p" "$root/compose.prod.yaml" | head -n 1)
  env_value "$1" "${pinned:-$(base_image "$1")}"
}

generated_is_fresh() { npm run --silent generate -- --check; }

shell() { shellcheck --external-sources ops/*.sh ops/base-images/*.sh ops/postgres/*.sh ops/exporters/*.sh ops/upgrade/*.sh ops/caddy/*.sh test/kit/support/*.sh .ci/run; }

prometheus() {
  local -a tests
  mapfile -t tests < <(ls "$root/ops/prometheus/tests")
  docker run --rm --network none --volume "$root/ops/prometheus:/etc/prometheus:ro" --entrypoint /bin/promtool "$1" \
    check config --lint=all --lint-fatal /etc/prometheus/prometheus.yml >/dev/null
  docker run --rm --network none --volume "$root/ops/prometheus:/etc/prometheus:ro" --entrypoint /bin/promtool "$1" \
    test rules "${tests[@]/#/\/etc\/prometheus\/tests\/}" >/dev/null
}

caddy_file() {
  docker run --rm --network none --volume "$root/Caddyfile:/etc/caddy/Caddyfile:ro" --entrypoint caddy "$1" \
    validate --adapter caddyfile --config /etc/caddy/Caddyfile >/dev/null 2>&1 ||
    die 'the Caddyfile is not valid' "docker run --rm -v ./Caddyfile:/Caddyfile $1 caddy validate --config /Caddyfile"
}

main "$@"
