# shellcheck shell=bash
# Functions that upgrade-postgres.sh and upgrade/back.sh share. Sourced, never run.
# shellcheck source=ops/live-switch.sh
source "$(dirname "${BASH_SOURCE[0]}")/../live-switch.sh"

# Those that are built on the image of the server; the programs of all must be of its major.
readonly of_server=(postgres backup drill)
former_volume='' former_image='' former_major=''
# shellcheck disable=SC2034 # read by live-switch.sh
page=upgrade clean_up=drop_copy goes_back=yes

# The live server when an upgrade begins. Two notes outlive the script: upgrade-under-way, and upgrade-last for the way back.
read_former() {
  former_volume=$(pgdata_volume) former_image=$(base_image POSTGRES_IMAGE)
  # shellcheck disable=SC2034 # as above
  former="the volume $former_volume"
}

noted() { value_of "$2" "$(note_path "upgrade-$1")"; }

image_of() { printf '%s/%s:%s' "$(image_prefix)" "$1" "$2"; }
live_tag() { env_value IMAGE_TAG local; }
# tag_of MAJOR: under which the images of a major are kept beside the live ones.
tag_of() { printf '%s-pg%s' "$(live_tag)" "$1"; }

# build_images BASE MAJOR: nothing live is replaced by it.
build_images() {
  "$root/ops/provide-ca.sh"
  POSTGRES_IMAGE=$1 IMAGE_TAG=$(tag_of "$2") compose build --quiet db backup drill
}

# tag_images FROM TO
tag_images() {
  local name
  for name in "${of_server[@]}"; do docker tag "$(image_of "$name" "$1")" "$(image_of "$name" "$2")" || return; done
}

# point_at_server VOLUME IMAGE MAJOR: `make up` builds what the settings say. Again is harmless.
point_at_server() {
  point_at "PGDATA_VOLUME=$1" "POSTGRES_IMAGE=$2" "POSTGRES_VERSION=$3" && tag_images "$(tag_of "$3")" "$(live_tag)"
}

# shellcheck disable=SC2317,SC2329 # the steps are called by switch_live
# move_to VOLUME IMAGE MAJOR: what restores have set aside is of the other major, or in the other volume.
move_to() {
  local server=("$@")
  point_at_new() { point_at_server "${server[@]}"; }
  start_new() {
    start_all
    rm -f "$(note_path last-restore)" "$(note_path switching)"
  }
  point_at_former() { stop_all; }
  # Restores the settings and images of the former server after any step.
  start_former() { point_at_server "$former_volume" "$former_image" "$former_major" && start_all; }
  tag_images "$(live_tag)" "$(tag_of "$former_major")"
  switch_live
}

# Removes the volume of a failed upgrade, and the container that may still fill it.
drop_copy() {
  local ids copy
  mapfile -t ids < <(docker ps --all --quiet --filter "label=com.docker.compose.project=$(project)" --filter label=com.docker.compose.service=upgrade)
  ((${#ids[@]} == 0)) || docker rm --force "${ids[@]}" >/dev/null
  copy=$(noted under-way to_volume)
  [[ -z "$copy" || "$copy" == "$(pgdata_volume)" ]] || docker volume rm --force "$copy" >/dev/null
  rm -f "$(note_path upgrade-under-way)"
  drop_socket
}

# Not there yet when the fault was early.
drop_socket() { docker volume rm --force "$(project)_upgrade_socket" >/dev/null; }

# After a kill: starts the former server. The site was never opened on a server that was not finished.
recover_killed() {
  [[ -e "$(note_path upgrade-under-way)" ]] || return 0
  say 'an upgrade was killed in the middle: bringing up the old server'
  if [[ "$(noted under-way to_volume)" == "$(pgdata_volume)" ]]; then
    point_at_server "$(noted under-way from_volume)" "$(noted under-way from_image)" "$(noted under-way from_major)"
  fi
  start_all
  drop_copy
  open_site
  state=before
}
