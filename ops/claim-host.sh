#!/usr/bin/env bash
# Refuses to start a stack that would share a name, a volume, a folder or a port with another stack of this host, or what this host
# cannot publish. Called by up.sh before anything is built.
#   ops/claim-host.sh            MOVED=1 ops/claim-host.sh     the folder of the stack was moved here
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/port-parts.sh
source "$(dirname "$0")/port-parts.sh"

# Its containers mount folders that are gone; all data stays.
take_over() {
  local folder
  folder=$(other_folder "$(project)")
  [[ -n "$folder" ]] || return 0
  say "taking over the stack $(project), which was started from $folder"
  compose down --remove-orphans
}

# A .env that was copied from another stack names the volume of that stack's data.
refuse_other_volume() {
  local volume owner
  volume=$(pgdata_volume)
  owner=$(docker volume inspect --format '{{index .Labels "com.docker.compose.project"}}' "$volume" 2>/dev/null) || return 0
  [[ -z "$owner" || "$owner" == "$(project)" ]] ||
    die "the volume $volume holds the data of the stack $owner, and this is $(project)" 'remove the line PGDATA_VOLUME from .env'
}

# Two servers that write into one archive spoil it for both.
refuse_other_folders() {
  local owner source key folder
  while IFS=$'\t' read -r owner source; do
    [[ -n "$source" && "$owner" != "$(project)" ]] || continue
    for key in BACKUPS_DIR=./backups MAINTENANCE_DIR=./.data/maintenance; do
      folder=$(path_in_env "${key%%=*}" "${key#*=}")
      [[ ! "$source" -ef "$folder" ]] ||
        die "the folder $folder is that of the stack $owner too" "set ${key%%=*} in .env to a folder of this stack"
    done
  done < <(mounted_folders)
}

mounted_folders() {
  local ids
  mapfile -t ids < <(docker ps --all --quiet --filter label=com.docker.compose.project)
  ((${#ids[@]} == 0)) || docker inspect --format '{{$project := index .Config.Labels "com.docker.compose.project"}}{{range .Mounts}}{{if eq .Type "bind"}}{{
    $project}}{{"\t"}}{{.Source}}{{"\n"}}{{end}}{{end}}' "${ids[@]}" 2>/dev/null || true
}

ports() {
  local setting settings=()
  for setting in PUBLIC_HTTP_PORT=80 PUBLIC_HTTPS_PORT=443 PROMETHEUS_PORT=9090; do
    settings+=("${setting%=*}=$(env_value "${setting%=*}" "${setting#*=}")")
  done
  compose config | model_ports "${settings[@]}"
}

# A .env that was restored from another host may require features of that host.
refuse_missing_ipv6() {
  local said
  [[ "$(env_value PUBLIC_IPV6 false)" == true ]] && ! docker network inspect "$(project)_public" >/dev/null 2>&1 || return 0
  said=$(try_ipv6_network 2>&1) || die "PUBLIC_IPV6 is true, and the engine makes no network of IPv6 here: ${said##*$'\n'}" \
    'remove PUBLIC_IPV6 and BIND_ADDRESS_IPV6 from .env: the site is then published on IPv4 alone'
}

main() {
  local wanted
  refuse_name
  if [[ "${MOVED:-}" == 1 ]]; then take_over; else refuse_other_folder; fi
  refuse_other_volume
  refuse_other_folders
  refuse_missing_ipv6
  wanted=$(ports)
  refuse_taken_ports "$(project)" 'stop it, or set another port in .env, and PUBLIC_URL with it; then: make up' <<<"$wanted"
}

main "$@"
