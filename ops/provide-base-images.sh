#!/usr/bin/env bash
# Base images that are neither here nor in a registry are built from Debian packages, and .env gets their names.
#   ops/provide-base-images.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/steps.sh
source "$root/ops/steps.sh"

pull() {
  local answer
  say "pulling $1"
  answer=$(docker pull --quiet "$1" 2>&1) && done_step "pulled $1" && return
  [[ "$answer" != *'manifest unknown'* && "$answer" != *'not found'* ]] ||
    die "the registry has no image $1" 'correct its name in .env'
  say "no image registry answers: building base images from Debian packages (once)"
  "$root/ops/base-images.sh" --env-file="$ENV_FILE" || exit
  read_env
  return 1
}

main() {
  local key image
  for key in NODE_IMAGE POSTGRES_IMAGE CADDY_IMAGE; do
    image=$(base_image "$key")
    docker image inspect "$image" >/dev/null 2>&1 || pull "$image" || return 0
  done
}

main "$@"
