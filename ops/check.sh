#!/usr/bin/env bash
# Every check that needs no running stack, two at a time, each with its seconds; with a name that check alone. A tool that is not
# here is named in one line; with CI=true that is a failure.
#   ops/check.sh [lint]
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

# The longest first.
readonly checks=(scripts types lint format unused walls migrations generated prometheus caddy goldens)

main() {
  cd "$root"
  case ${1:-} in
    '') every_check ;;
    --timed) timed "$2" ;;
    *) [[ " ${checks[*]} " == *" $1 "* ]] || die "unknown check $1" "one of: ${checks[*]}" 2; "$1" ;;
  esac
}

every_check() {
  printf '%s\n' "${checks[@]}" | xargs -n 1 -P 2 "$root/ops/check.sh" --timed || die 'a check failed' 'read above; one check alone: ops/check.sh NAME'
  say 'check: clean'
}

# A process of its own: in a condition bash would go on behind a command that fails.
timed() {
  local began=$SECONDS code=0 output
  output=$("$root/ops/check.sh" "$1" 2>&1) || code=$?
  if ((code == 0)); then
    say "$(printf '%4s s  %s' $((SECONDS - began)) "$1")"
    grep '^left out: ' <<<"$output" >&2 || true
  else
    say "$(printf '%4s s  %s failed\n%s' $((SECONDS - began)) "$1" "$output")"
    exit "$code"
  fi
}

scripts() { with_tool shellcheck shell; }
types() { npm run --silent typecheck; }
lint() { npm run --silent lint; }
format() { npm run --silent format:check; }
unused() { npm run --silent unused; }
walls() { npm run --silent walls; }
migrations() { npm run --silent db:check; }
generated() { npm run --silent generate -- --check; }
prometheus() { with_image PROMETHEUS_IMAGE promtool; }
caddy() { with_image CADDY_IMAGE caddy_file; }
goldens() { ops/goldens.sh --check; }

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

# Scripts that have not changed since they were clean are not read again.
shell() {
  local -a scripts=(ops/*.sh ops/*/*.sh test/kit/support/*.sh .ci/run)
  local now cache=node_modules/.cache/shellcheck
  now=$({ shellcheck --version; cat "${scripts[@]}"; } | cksum)
  [[ "$(cat "$cache" 2>/dev/null)" != "$now" ]] || return 0
  shellcheck --external-sources "${scripts[@]}"
  mkdir -p "${cache%/*}"
  printf '%s\n' "$now" >"$cache"
}

promtool() {
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
