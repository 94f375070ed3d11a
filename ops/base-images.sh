#!/usr/bin/env bash
# Builds the base images out of Debian packages and points .env at them, for machines with an engine but no image registry.
# What was built from the same inputs is kept; --fresh builds all of it anew, for security updates.
#   ops/base-images.sh
#   ops/base-images.sh --dry-run
#   ops/base-images.sh --fresh --env-file=.env
#   ops/base-images.sh --postgres=18      that of another major alone, and .env stays as it is
set -Eeuo pipefail

# shellcheck disable=SC2034 # read by lib.sh
settings_needed=never
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/steps.sh
source "$root/ops/steps.sh"

parts=$root/ops/base-images
env_file=$root/.env
dry_run=''
fresh=''
postgres=''
targets=(node:24 caddy:2 prometheus:3 alertmanager:0 postgres-exporter:0 node-exporter:1)

parse_options() {
  while (($#)); do
    case $1 in
      --dry-run) dry_run=yes ;;
      --fresh) fresh=yes ;;
      --postgres=1[78]) postgres=${1#*=} targets=() ;;
      --postgres=*) die "Debian offers no PostgreSQL ${1#*=}" 'base-images.sh --postgres=17 or --postgres=18' ;;
      --env-file=?*) env_file=${1#*=} ;;
      -h | --help) sed -n '2,7s/^# //p' "${BASH_SOURCE[0]}"; exit ;;
      *) die "unknown option $1" 'base-images.sh [--dry-run] [--fresh] [--env-file=FILE] [--postgres=17|18]' ;;
    esac
    shift
  done
}

# An upgrade has written another major there.
postgres_in_use() {
  local major=''
  major=$(ENV_FILE=$env_file env_value POSTGRES_IMAGE '' | sed -nE 's|^slipway-base/postgres:(1[78])$|\1|p')
  printf '%s\n' "${major:-17}"
}

node_version() {
  local exact=''
  if [[ -r $root/package.json ]]; then
    exact=$(sed -nE 's/^ *"node": *"(24\.[0-9]+\.[0-9]+)".*/\1/p' "$root/package.json")
  fi
  printf '%s\n' "${exact:-24.21.0}"
}

hash_of() {
  cat "$@" | sha256sum | cut -c1-16
}

built_from() {
  docker image inspect --format '{{index .Config.Labels "slipway.inputs"}}' "$1" 2>/dev/null || true
}

make_image() {
  local name=$1 inputs=$2
  shift 2
  if [[ -z $fresh && $(built_from "slipway-base/$name") == "$inputs" ]]; then say "kept  slipway-base/$name"; return; fi
  if [[ -n $dry_run ]]; then say "would build slipway-base/$name"; return; fi
  quietly "building slipway-base/$name" "$@"
}

env_lines() {
  local target key
  for target in "${targets[@]}"; do
    key=${target%:*}
    key=${key//-/_}
    printf '%s_IMAGE=slipway-base/%s\n' "${key^^}" "$target"
  done
  printf 'POSTGRES_VERSION=%s\n' "$postgres"
}

point_env() {
  local lines
  mapfile -t lines < <(env_lines)
  if [[ -n $dry_run ]]; then printf 'would set %s\n' "${lines[@]}" >&2; return; fi
  "$root/ops/point-env.sh" "$env_file" "${lines[@]}"
  say "wrote ${#lines[@]} settings to $env_file"
}

main() {
  local debian inputs node target
  parse_options "$@"
  [[ $(uname -s) == Linux ]] || die 'base images are built with debootstrap, which runs on Linux alone' 'let the engine pull the official ones: make up'
  engine_answers || die 'no Docker engine answers' 'start one, or use the stack without an engine: make up'
  exec 9<"$parts"
  flock -w 600 9 || die 'another build of the base images is still running' 'wait for it to end'
  postgres=${postgres:-$(postgres_in_use)}
  targets+=("postgres:$postgres")
  node=$(node_version)
  debian=$(hash_of "$parts"/{rootfs,import-debian}.sh)
  inputs=$(printf '%s\n' "$node" "$debian" | hash_of - "$parts"/{Dockerfile,apt.sh,npm-install.sh})
  make_image debian:trixie "$debian" "$parts/import-debian.sh" "$debian"
  for target in "${targets[@]}"; do
    make_image "$target" "$inputs" "$parts/build-target.sh" "$target" "$inputs" "$node"
  done
  if ((${#targets[@]} > 1)); then point_env; fi
}

main "$@"
