#!/usr/bin/env bash
# Builds one target of ./Dockerfile as slipway-base/TARGET:TAG, labelled with the hash of its inputs.
#   ops/base-images/build-target.sh caddy:2 0123456789abcdef 24.21.0
set -Eeuo pipefail

context=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Proxies and checks of this machine's apt and npm, and its CA, reach the build as secrets.
write_secrets() {
  local ca=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
  : >"$work/apt"
  : >"$work/npmrc"
  if command -v apt-config >/dev/null; then
    apt-config dump | awk '/^Acquire::((https?|ftp)::|Check-Valid-Until|Check-Date|Retries|Force)/ && !/::CAInfo/' >"$work/apt"
  fi
  if [[ -r ~/.npmrc ]]; then cat ~/.npmrc >"$work/npmrc"; fi
  if command -v npm >/dev/null; then printf '\nregistry=%s\n' "$(npm config get registry 2>/dev/null)" >>"$work/npmrc"; fi
  secrets=(--secret "id=apt,src=$work/apt" --secret "id=npmrc,src=$work/npmrc")
  if [[ ! -r $ca ]]; then return; fi
  printf 'Acquire::https::CAInfo "/run/secrets/ca";\n' >>"$work/apt"
  secrets+=(--secret "id=ca,src=$ca")
}

main() {
  local name=$1 inputs=$2 node_version=$3 mirror secrets work major=17 suite=trixie
  if [[ $name == postgres:* ]]; then major=${name#*:}; fi
  if ((major > 17)); then suite=sid; fi
  mirror=$("$context/debian-mirror.sh")
  work=$(mktemp -d)
  # shellcheck disable=SC2064  # the path of now
  trap "rm -rf ${work@Q}" EXIT
  write_secrets
  # The context's own builder: another one (docker-container) would not see the local Debian image.
  local command=(docker buildx build --builder "$(docker context show)" --progress plain --target "${name%:*}" --tag "slipway-base/$name"
    --label "slipway.inputs=$inputs" --build-arg "DEBIAN_MIRROR=$mirror" --build-arg "NODE_VERSION=$node_version"
    --build-arg "POSTGRES_MAJOR=$major" --build-arg "POSTGRES_SUITE=$suite" --build-arg http_proxy --build-arg https_proxy --build-arg no_proxy "${secrets[@]}" "$context")
  "${command[@]}"
}

main "$@"
