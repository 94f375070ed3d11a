#!/usr/bin/env bash
# Builds look-alikes of the official images (official-images/Dockerfile) as slipway-official/*, out of the base images, and prints
# the lines of .env that name them. POSTGRES_MAJOR is that of slipway-base/postgres.
# Example: test/kit/support/official-images.sh >>env
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
parts=$here/../../../ops/base-images
major=${POSTGRES_MAJOR:-17}

build() {
  local mirror=$1 target=$2
  docker build --quiet --target "${target%:*}" --tag "slipway-official/$target" --build-arg "DEBIAN_MIRROR=$mirror" \
    --build-arg "POSTGRES_MAJOR=$major" "$here/official-images" >/dev/null
}

main() {
  local mirror target key
  mirror=$("$parts/debian-mirror.sh")
  for target in node:24 "postgres:$major" caddy:2 prometheus:3 postgres-exporter:0 node-exporter:1; do
    build "$mirror" "$target"
    key=${target%:*}
    key=${key//-/_}
    printf '%s_IMAGE=slipway-official/%s\n' "${key^^}" "$target"
  done
  printf 'POSTGRES_VERSION=%s\n' "$major"
}

main "$@"
