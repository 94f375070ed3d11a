#!/usr/bin/env bash
# Takes the database to a later major of PostgreSQL, after a question (YES=1 answers it): everything is copied into a new volume
# and compared while the site is shut, and only then that volume and the new image become the live ones. The old are kept.
#   ops/upgrade-postgres.sh TO=17 [IMAGE=postgres:17-bookworm]         ops/upgrade-postgres.sh BACK=1
set -Eeuo pipefail
# shellcheck source=ops/upgrade/parts.sh
source "$(dirname "$0")/upgrade/parts.sh"

to='' image='' back='' yes='' volume=''

parse() {
  take_options 'TO IMAGE BACK YES' "$@"
  [[ "$yes" != 1 ]] || export YES=1
  [[ -z "$to" || -z "$back" ]] || die "TO=$to and BACK=$back are two directions" 'give one of them'
  [[ "$back" != 1 ]] || exec "$root/ops/upgrade/back.sh"
  [[ "$to" =~ ^[1-9][0-9]$ ]] || die "an upgrade needs to know to which major (got TO=$to)" 'make upgrade-postgres TO=17'
}

# The same repository under another tag: postgres:16.15-bookworm becomes postgres:17-bookworm.
provide_image() {
  local tag=${former_image##*:} suffix=''
  [[ "$tag" != *-* ]] || suffix=-${tag#*-}
  image=${image:-${former_image%:*}:$to$suffix}
  docker image inspect "$image" >/dev/null 2>&1 && return
  if [[ "$image" == "slipway-base/postgres:$to" ]]; then "$root/ops/base-images.sh" "--postgres=$to"; return; fi
  docker pull --quiet "$image" >/dev/null || die "there is no image $image" "name one of PostgreSQL $to: make upgrade-postgres TO=$to IMAGE=..."
}

copying() { UPGRADE_TAG=$(tag_of "$to") compose --file "$root/ops/upgrade/compose.yaml" "$@"; }

# With a terminal in the container when there is one here, so that progress shows; what is fed to it never is one.
in_new_image() {
  local terminal=(-T)
  ! has_terminal || terminal=()
  copying run --rm --no-deps "${terminal[@]}" --volume "$volume:/var/lib/postgresql/data" upgrade upgrade "$@" --to "$to"
}

# Runs while the site is open: checks on the old server and on an empty server of the new image.
preflight() {
  local facts version
  facts=$(restore_verb upgrade facts)
  version=$(superuser --command='SHOW server_version_num')
  former_major=${version%????}
  volume=$(project)_pgdata_pg${to}_$(now)
  write_note upgrade-under-way "from_volume=$former_volume" "from_image=$former_image" "from_major=$former_major" "to_volume=$volume" "to_major=$to"
  make_volume "$volume"
  in_new_image check <<<"$facts" >&2
}

# Stops every writer: the old server is started again without a network, and copied.
# shellcheck disable=SC2317,SC2329 # called by switch_live
shut_down() {
  has_stopped=yes
  compose stop api backup
  copying up --detach --no-build --no-deps db
  database_host=/upgrade wait_for_database
  in_new_image run >&2
  stop_all
}

main() {
  local started
  parse "$@"
  require_engine 'the database runs in a container' 'start the engine, then: make up'
  require_database
  # The lock of the restores: an upgrade and a restore must not change the volume at once.
  take_lock restore
  recover_killed
  read_former
  provide_image
  build_images "$image" "$to"
  trap finish EXIT
  preflight
  ask "shut the site and upgrade it to PostgreSQL $to" upgrade
  started=$SECONDS
  move_to "$volume" "$image" "$to"
  mv "$(note_path upgrade-under-way)" "$(note_path upgrade-last)"
  drop_socket
  open_site
  say "the site was shut for $((SECONDS - started)) s; the volume $former_volume is kept: make upgrade-postgres BACK=1 returns to it"
  take_base
}

main "$@"
