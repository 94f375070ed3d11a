# shellcheck shell=bash
# How the stack is stopped and started around a change of the database's volume. Sourced after restore-parts.sh, never run.

readonly base_timeout_s=90

# The server ends the segment at work when it stops, and hands the last ones to the archive before it goes.
stop_all() { compose stop api backup db; }

# By force: to Compose a container with another volume under the same key is still the same container.
start_all() {
  compose up --detach --no-build --no-deps --force-recreate db &&
    (wait_for_database) &&
    refuse_other_volume &&
    compose run --rm --no-deps -T migrate &&
    compose up --detach --no-build --no-deps --force-recreate backup &&
    compose up --detach --no-build --no-deps api drill &&
    wait_until_ready
}

refuse_other_volume() {
  local mounted
  mounted=$(docker inspect --format '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}' "$(compose ps --quiet db)")
  [[ " $mounted" == *" $(pgdata_volume) "* ]] || die "the database runs on another volume than $(pgdata_volume) (got $mounted)" 'make status'
}

# make_volume NAME: with the labels of Compose, which would otherwise take it for somebody else's.
make_volume() {
  docker volume create --label "com.docker.compose.project=$(project)" --label com.docker.compose.volume=pgdata "$1" >/dev/null
}

# Moments after this one can be restored from here on; until then the old base backup leads only as far as the switch. A new
# cluster is first made known to the repositories by keep-archive.sh.
take_base() {
  local until=$((SECONDS + base_timeout_s)) said
  [[ "$(env_value ARCHIVE on)" == on ]] || return 0
  until said=$(compose exec -T backup node backup.js base --full 2>&1); do
    if ((SECONDS >= until)); then
      say "$said"
      say 'no base backup could be taken of what is live now: the schedule tries again; make logs SERVICE=backup'
      return
    fi
    sleep 2
  done
  say "$said"
}
