#!/usr/bin/env bash
# The health check of our Node containers: asks the server of this container and wants 200. Bash alone: starting Node for each
# question costs more than the idle API. A process that takes connections and answers none for two minutes is killed, since
# Compose does not restart an unhealthy container, but the engine restarts one that has ended.
#   probe.sh 3000 /readyz
set -Eeuo pipefail

readonly answer_timeout_s=${PROBE_TIMEOUT_SECONDS:-8} longest_silence_s=${PROBE_SILENCE_SECONDS:-120}
readonly silent_since_file=${PROBE_FOLDER:-/tmp}/silent-since
readonly refused=3

# In a process of its own: nothing else can end an attempt to connect.
ask() {
  exec 3<>"/dev/tcp/127.0.0.1/$1" || exit "$refused"
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$2" >&3
  mapfile -t lines <&3
  printf '%s\n' "${lines[@]}"
}

# The first process of our containers is the engine's init, which ends with its child; nowhere else is anything killed.
end_the_silent() {
  local since now
  printf -v now '%(%s)T' -1
  [[ -s "$silent_since_file" ]] || printf '%s' "$now" >"$silent_since_file"
  since=$(<"$silent_since_file")
  ((now - since >= longest_silence_s)) || return 0
  rm -f "$silent_since_file"
  [[ "$(</proc/1/comm)" == docker-init ]] || return 0
  printf 'silent for %s s: killed\n' "$((now - since))"
  # shellcheck disable=SC2046 # several numbers
  kill -KILL $(</proc/1/task/1/children)
}

main() {
  local answer code=0
  answer=$(timeout "$answer_timeout_s" bash "$0" --ask "$@" 2>/dev/null) || code=$?
  if ((code != 0 && code != refused)); then
    printf 'no answer within %s s\n' "$answer_timeout_s"
    end_the_silent
    exit 1
  fi
  rm -f "$silent_since_file"
  [[ "$answer" != 'HTTP/1.1 200 '* ]] || return 0
  # The problem document of ours, else the first line.
  [[ "$answer" != *$'\n{'* ]] || answer="{${answer#*$'\n{'}"
  printf '%s\n' "${answer:-nothing listens on port $1}" | head -n 1
  exit 1
}

if [[ "$1" == --ask ]]; then ask "${@:2}"; else main "$@"; fi
