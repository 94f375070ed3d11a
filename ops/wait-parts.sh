# shellcheck shell=bash
# Waits of the host scripts for the database and for the API. A wait goes on while the service starts, however slowly, and ends
# when the service has died. Sourced after lib.sh, never run.

readonly crashes_until_dead=3 silence_until_dead_s=180 said_every_s=5
readonly api_timeout_s=120 front_door_timeout_s=60 bystanders_timeout_s=15
# The one end of the wait that says something of the data: the server ran from it, and ended.
readonly database_died=3
readonly bystanders=(backup drill prometheus postgres-exporter node-exporter)

containers_of() { compose ps --all --quiet "$1"; }

# crashes_of ID: how often the engine has started it again.
crashes_of() { docker inspect --format '{{.RestartCount}}' "$1" 2>/dev/null || true; }

# has_died ID CRASHES: true when there is no container, when it ended for good, or when it ended repeatedly since that number of crashes.
has_died() {
  local status crashes
  [[ -n "$1" ]] || return 0
  read -r status crashes < <(docker inspect --format '{{.State.Status}} {{.RestartCount}}' "$1")
  [[ "$status" == exited || "$status" == dead ]] || ((crashes - $2 >= crashes_until_dead))
}

# The attempts to connect are in the log of a server that recovers, and say nothing.
last_log_line() { docker logs --tail 2000 "$1" 2>&1 | grep -vE ' (FATAL|DETAIL):  ' | tail -n 1 || true; }

# die_with_log SERVICE SENTENCE [CODE]
die_with_log() {
  compose logs --no-color --tail 20 "$1" >&2
  die "$2" "its last lines are above; for more: make logs SERVICE=$1" "${3:-1}"
}

# database_answer ID: accepting, starting (also while it recovers or stops) or silent. With database_host, a folder, on the
# socket there.
database_answer() {
  local said
  # By the exit code of pg_isready, which that of docker exec would hide.
  # shellcheck disable=SC2016 # for the shell in the container
  if said=$(docker exec "$1" sh -c 'pg_isready --quiet --host="$0" || { [ $? != 1 ] || echo starting; exit 1; }' "${database_host:-127.0.0.1}" 2>/dev/null); then
    printf accepting
  else
    printf '%s' "${said:-silent}"
  fi
}

# tell_now_and_then WHAT WHY: every few seconds of a wait that began at `begun` and was last told of at `said`.
tell_now_and_then() {
  ((SECONDS - said >= said_every_s)) || return 0
  say "$1 ($((SECONDS - begun)) s): $2"
  said=$SECONDS
}

# wait_for_database: until it accepts connections. While it says that it is starting there is no end to
# the wait; a server that says nothing, in answers and in its log, is given up.
wait_for_database() {
  local id crashes answer line='' last='' begun=$SECONDS alive=$SECONDS said=$SECONDS
  id=$(containers_of db)
  crashes=$(crashes_of "$id")
  until answer=$(database_answer "$id") && [[ "$answer" == accepting ]]; do
    ! has_died "$id" "$crashes" || die_with_log db 'the database does not start' "$database_died"
    line=$(last_log_line "$id")
    [[ "$answer" == silent && "$line" == "$last" ]] || alive=$SECONDS
    last=$line
    ((SECONDS - alive < silence_until_dead_s)) || die_with_log db "the database gave no sign of life for $silence_until_dead_s s"
    tell_now_and_then 'the database is not ready yet' "$line"
    sleep 1
  done
}

# api_answer: prints the answer of /readyz in one line, and fails, when it is not green.
api_answer() { compose exec -T api node healthcheck.js 3000 /readyz 2>&1; }

# wait_for_api: until /readyz is green. A database that recovers meanwhile is waited for.
wait_for_api() {
  local id crashes answer until=$((SECONDS + api_timeout_s)) begun=$SECONDS said=$SECONDS
  id=$(containers_of api | head -n 1)
  crashes=$(crashes_of "$id")
  until answer=$(api_answer); do
    ! has_died "$id" "$crashes" || die_with_log api 'the API does not start'
    if ((SECONDS >= until)); then die_with_log api "the API is not ready after $api_timeout_s s: ${answer##*$'\n'}"; fi
    if [[ "$(database_answer "$(containers_of db)")" == starting ]]; then
      wait_for_database
      until=$((SECONDS + api_timeout_s))
    fi
    tell_now_and_then "the API is not ready yet" "${answer##*$'\n'}"
    sleep 1
  done
}

# wait_for_front_door: until one request for the site is answered through Caddy. A first certificate takes a while.
wait_for_front_door() {
  local answer until=$((SECONDS + front_door_timeout_s)) begun=$SECONDS said=$SECONDS
  until answer=$(compose exec -T api node ask-front-door.js 2>&1); do
    ((SECONDS < until)) || die_with_log caddy "the API is ready, but a request through Caddy is not answered: ${answer##*$'\n'}"
    tell_now_and_then "Caddy does not answer yet" "${answer##*$'\n'}"
    sleep 1
  done
}

# tell_of_bystanders: prints a line for each unhealthy service that the site does not need.
tell_of_bystanders() {
  local service until=$((SECONDS + bystanders_timeout_s)) unwell
  while :; do
    unwell=$(compose ps --all --format '{{.Service}} {{.State}} {{.Health}}' "${bystanders[@]}" | grep -v ' running healthy$' || true)
    if [[ -z "$unwell" ]] || ((SECONDS >= until)); then break; fi
    sleep 1
  done
  while read -r service unwell; do
    [[ -z "$service" ]] || say "warning: $service is not well yet ($unwell), the site runs without it: make logs SERVICE=$service"
  done <<<"$unwell"
}
