#!/usr/bin/env bash
# The API on an embedded PostgreSQL, in the background, for machines where no Docker engine answers.
#   ops/embedded.sh up|down|status|logs          HTTP_PORT=3001 ops/embedded.sh up
set -Eeuo pipefail
settings_needed=never
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=ops/port-parts.sh
source "$(dirname "$0")/port-parts.sh"
# shellcheck source=ops/steps.sh
source "$root/ops/steps.sh"

data=$(path_of "${EMBEDDED_DATA_DIR:-.data}")
readonly data
readonly pid_file=$data/embedded.pid log_file=$data/embedded.log running_file=$data/embedded.env code_file=$data/embedded.code
readonly node=$root/node_modules/.bin/node
readonly answer_seconds=60 stop_seconds=60 said_every_seconds=10
export EMBEDDED_DATA_DIR=$data

up() {
  [[ "$root" != *\\* ]] || die "Node.js runs no program in a path with a backslash (got $root)" 'move the checkout to a path without'
  [[ -x "$node" ]] || die 'the npm packages are not installed' 'npm ci'
  # Passed through by the server's own user, who need not look around.
  install -d -m 711 "$data"
  [[ "$data" == "$root/.data" ]] || lock=embedded-$(cksum <<<"$data" | cut -d ' ' -f 1)
  take_lock "${lock:-embedded}"
  if is_running && runs_this_code; then
    say "already running as pid $(<"$pid_file")"
  else
    ! is_running || replace_old_code
    start
  fi
  until_healthy
  done_step 'the API answers'
  where_to_look
}

runs_this_code() { [[ "$("$root/ops/code-hash.sh")" == "$(cat "$code_file" 2>/dev/null)" ]]; }

replace_old_code() {
  say "the code has changed since pid $(<"$pid_file") started: restarting"
  stop_supervisor
}

# 0 is any free port.
ports() {
  local line
  for line in "tcp ${HTTP_HOST:-127.0.0.1} ${HTTP_PORT:-3000} HTTP_PORT" "tcp ${METRICS_HOST:-127.0.0.1} ${METRICS_PORT:-9464} METRICS_PORT" \
    "tcp 127.0.0.1 ${EMBEDDED_POSTGRES_PORT:-0} EMBEDDED_POSTGRES_PORT"; do
    [[ "$line" == *' 0 '* ]] || printf '%s\n' "$line"
  done
}

start() {
  local wanted
  wanted=$(ports)
  refuse_taken_ports '' 'stop it, or take another port, for instance: make up HTTP_PORT=3001 METRICS_PORT=9465' <<<"$wanted"
  rm -f "$running_file"
  # Before it reads the code: what changes meanwhile counts as changed.
  "$root/ops/code-hash.sh" >"$code_file"
  local command=("$node" "$root/src/kit/bin/embedded.ts")
  # A session of its own, so that Ctrl-C here or the end of this terminal does not end it.
  if command -v setsid >/dev/null; then command=(setsid "${command[@]}"); fi
  (cd "$root" && exec nohup "${command[@]}" >"$log_file" 2>&1 </dev/null) &
  started=$!
}

# The pid file may name a process that was killed, and its number may belong to another process by now.
is_running() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) && [[ -n "$pid" ]] && kill -0 "$pid" 2>/dev/null || return 1
  [[ ! -r /proc/$pid/cmdline || "$(tr '\0' ' ' <"/proc/$pid/cmdline")" == *src/kit/bin/embedded.ts* ]]
}

running_value() { sed -n "s/^$1=//p" "$running_file"; }

# Its database may recover, or migrate, for long: the wait ends only when the API runs and does not answer.
until_healthy() {
  local deadline=$((SECONDS + answer_seconds)) begun=$SECONDS said=$SECONDS
  until [[ -e "$running_file" ]] && answers; do
    still_lives || ended_at_start
    [[ -e "$running_file" ]] || deadline=$((SECONDS + answer_seconds))
    ((SECONDS < deadline)) || die_with_log "the API runs and did not answer for $answer_seconds s"
    if ((SECONDS - said >= said_every_seconds)); then
      say "not ready yet ($((SECONDS - begun)) s): $(progress)"
      said=$SECONDS
    fi
    sleep 0.1
  done
}

still_lives() { if [[ -n "${started:-}" ]]; then kill -0 "$started" 2>/dev/null; else is_running; fi; }

# The last words of the server while it starts, else of the API. Attempts to connect to a server that recovers say nothing.
progress() {
  local log=$log_file
  [[ "$(sed -n 8p "$data/postgres/data/postmaster.pid" 2>/dev/null)" != starting* ]] || log=$data/postgres/server.log
  tail -n 2000 "$log" | grep -vE ' (FATAL|DETAIL):  ' | tail -n 1 || true
}

# The health check of the containers, so that this script needs no curl.
answers() {
  local url
  url=$(running_value API_URL)
  "$node" "$root/src/kit/bin/healthcheck.ts" "${url##*:}" /api/health/db 2>/dev/null
}

# With the code of the process, so that a script can tell wrong settings (2) from the rest.
ended_at_start() {
  local code=1
  if [[ -n "${started:-}" ]]; then
    code=0
    wait "$started" || code=$?
  fi
  die_with_log 'the API ended at start' "$code"
}

die_with_log() {
  local reason
  reason=$(sed -n '/^error: /,$ { /^{/d; p }' "$log_file")
  say "${reason:-$(tail -n 15 "$log_file")}"
  [[ -n "$reason" ]] || say "error: $1"
  exit "${2:-1}"
}

where_to_look() {
  local url
  url=$(running_value API_URL)
  cat <<END

The API runs on an embedded PostgreSQL (pid $(<"$pid_file"), data in ${data#"$root"/}).
  API          $url/api/docs
  metrics      $(running_value SCRAPE_URL)
  log          ${log_file#"$root"/}

A first request:
  curl $url/api/health/db
END
}

down() {
  if is_running; then stop_supervisor; fi
  rm -f "$pid_file" "$running_file"
  stop_orphan
}

stop_supervisor() {
  local pid deadline=$((SECONDS + stop_seconds))
  pid=$(<"$pid_file")
  kill -TERM "$pid"
  while kill -0 "$pid" 2>/dev/null && [[ -e "$pid_file" ]]; do
    ((SECONDS < deadline)) || die "pid $pid did not stop within $stop_seconds s" "kill -KILL $pid, then ops/embedded.sh down"
    sleep 0.1
  done
  say 'stopped; the data stays'
}

# A supervisor that was killed, or stopped while it was starting, left its PostgreSQL behind.
stop_orphan() {
  [[ -e "$data/postgres/data/postmaster.pid" ]] || return 0
  "$node" --input-type=module --eval \
    "import { pathToFileURL } from 'node:url'
     const [module, folder] = process.argv.slice(1)
     const { stopOrphan } = await import(pathToFileURL(module).href)
     await stopOrphan(folder)" \
    "$root/src/kit/postgres/postmaster-pid.ts" "$data/postgres/data"
  say 'stopped the PostgreSQL that a killed run had left; the data stays'
}

status() {
  is_running || { say 'not running'; return 3; }
  [[ -e "$running_file" ]] || { say "pid $(<"$pid_file") is starting or stopping"; return 4; }
  answers || { say "pid $(<"$pid_file") runs, but its database does not answer"; return 1; }
  where_to_look
}

logs() {
  [[ -e "$log_file" ]] || die 'nothing has run here yet' 'make up'
  exec tail -n 100 -F "$log_file"
}

main() {
  case "${1:-}" in
    up | down | status | logs) "$1" ;;
    *) die "expected up, down, status or logs (got '${1:-}')" 'ops/embedded.sh up' ;;
  esac
}

main "$@"
