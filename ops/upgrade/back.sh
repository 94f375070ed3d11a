#!/usr/bin/env bash
# Returns from the last major upgrade to the old server and its volume, after a question (YES=1 answers it). What was written
# since then stays behind, in the volume of the new one. After an upgrade that was killed it brings up the old server.
#   ops/upgrade/back.sh                 YES=1 ops/upgrade/back.sh
set -Eeuo pipefail
# shellcheck source=ops/upgrade/parts.sh
source "$(dirname "$0")/parts.sh"

readonly not_found=53

refuse_without_way() {
  local volume
  volume=$(noted last from_volume)
  [[ -n "$volume" && "$(noted last to_volume)" == "$former_volume" ]] ||
    die "the live volume $former_volume is not one that an upgrade has made" 'make restore-undo returns from a restore' "$not_found"
  volume_exists "$volume" ||
    die "the volume $volume of before the upgrade is not there any more" 'a portable backup restores into this major: make backups' "$not_found"
}

# Builds the images from the present code where possible, else uses the kept ones.
provide_images() {
  local major=$1 name
  build_images "$(noted last from_image)" "$major" && return
  say "the images could not be built on $(noted last from_image): taking those of before the upgrade"
  for name in "${of_server[@]}"; do docker image inspect "$(image_of "$name" "$(tag_of "$major")")" >/dev/null; done
}

main() {
  local volume major
  require_engine 'the database runs in a container' 'start the engine, then: make up'
  take_lock restore
  if [[ -e "$(note_path upgrade-under-way)" ]]; then recover_killed; return; fi
  read_former
  former_major=$(noted last to_major)
  refuse_without_way
  volume=$(noted last from_volume) major=$(noted last from_major)
  provide_images "$major"
  say "returns     to PostgreSQL $major in the volume $volume, as it was when the upgrade began"
  say "leaves      what was written since then in the volume $former_volume, which is kept"
  ask 'return to the server of before the upgrade' back
  shut_down() { stop_all; }
  move_to "$volume" "$(noted last from_image)" "$major"
  rm "$(note_path upgrade-last)"
  open_site
  say "the volume of the database is $volume again; $former_volume is kept: docker volume rm removes it"
  take_base
}

main "$@"
