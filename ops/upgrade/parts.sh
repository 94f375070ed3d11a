# shellcheck shell=bash
# What the two directions of a major upgrade share. Sourced after switch-parts.sh, never run.

# shellcheck source=ops/upgrade/notes.sh
source "${root:?}/ops/upgrade/notes.sh"

# Those that are built on the image of the server; the programs of all must be of its major.
readonly of_server=(postgres backup drill)

# How far a run is, and what is live when it fails: set by whoever sources this, before `trap finish EXIT`.
state=before former_volume='' former_image='' former_major=''

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
  for name in "${of_server[@]}"; do docker tag "$(image_of "$name" "$1")" "$(image_of "$name" "$2")"; done
}

# point_at VOLUME IMAGE MAJOR: the settings in one step, so that a kill leaves either the one or the other; `make up` builds
# what they say.
point_at() {
  "$root/ops/base-images/point-env.sh" "$ENV_FILE" "PGDATA_VOLUME=$1" "POSTGRES_IMAGE=$2" "POSTGRES_VERSION=$3"
  read_env
  tag_images "$(tag_of "$3")" "$(live_tag)"
}

# move_to VOLUME IMAGE MAJOR: what restores have set aside is of the other major, or in the other volume.
move_to() {
  stop_all
  state=switched
  point_at "$@"
  start_all
  state=settled
  rm -f "$(last_restore_file)"
}

open_site() {
  if api_is_ready; then
    "$root/ops/maintenance.sh" off upgrade
  else
    say 'the API is not ready: the maintenance page stays on; make logs SERVICE=api, then make maintenance OFF=1'
  fi
}

# Whatever ended the script: unless all went well, what was live before is live again.
finish() {
  local code=$?
  trap - EXIT
  if [[ "$state" == switched ]]; then
    say "what came does not get ready: going back to the volume $former_volume"
    point_at "$former_volume" "$former_image" "$former_major"
  fi
  if [[ "$state" == shut || "$state" == switched ]]; then
    (start_all) || say 'hint: make up starts what was stopped'
    open_site
  fi
  [[ "$state" == settled ]] || drop_copy
  rm -rf "$root/.data/locks/restore"
  exit "$code"
}

# The volume of an upgrade that came to nothing, and the container that may still fill it.
drop_copy() {
  local ids volume
  mapfile -t ids < <(docker ps --all --quiet --filter "label=com.docker.compose.project=$(project)" --filter label=com.docker.compose.service=upgrade)
  ((${#ids[@]} == 0)) || docker rm --force "${ids[@]}" >/dev/null
  volume=$(noted under-way to_volume)
  [[ -z "$volume" || "$volume" == "$(pgdata_volume)" ]] || docker volume rm --force "$volume" >/dev/null
  rm -f "$(note_file under-way)"
  drop_socket
}

# Not there yet when the fault was early.
drop_socket() { docker volume rm --force "$(project)_upgrade_socket" >/dev/null; }

# After a kill nobody has put things back. The site was never opened on a server that was not finished.
recover_killed() {
  [[ -e "$(note_file under-way)" ]] || return 0
  say 'an upgrade was killed in the middle: bringing up the old server'
  if [[ "$(noted under-way to_volume)" == "$(pgdata_volume)" ]]; then
    point_at "$(noted under-way from_volume)" "$(noted under-way from_image)" "$(noted under-way from_major)"
  fi
  start_all
  drop_copy
  open_site
}
