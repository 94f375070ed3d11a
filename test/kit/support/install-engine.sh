#!/usr/bin/env bash
# Makes a Docker engine answer on a Debian 12 or 13 machine (root) where none does, out of Debian packages alone.
# Everything but runc and iptables lives in SLIPWAY_ENGINE_DIR (default /var/lib/slipway-engine), images and volumes included.
# --oldest and --newest name a generation, that of trixie and that of sid, with its Compose and buildx: an engine of ours that
# runs the other one is stopped first, and its images and volumes stay. Without either, any engine that answers will do.
# Example: test/kit/support/install-engine.sh
#          test/kit/support/install-engine.sh --newest
#          test/kit/support/install-engine.sh --stop
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
engine_dir=${SLIPWAY_ENGINE_DIR:-/var/lib/slipway-engine}
exec_dir=/run/slipway-engine
log_file=$engine_dir/dockerd.log
pid_file=$engine_dir/dockerd.pid
plugin_dir=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins
deadline_s=60
suite=trixie
programs=$engine_dir/root
engine_process=''
generation=''

say() {
  printf '%s\n' "$*" >&2
}

fail() {
  printf 'error: %s\n  hint: %s\n' "$1" "$2" >&2
  exit 1
}

engine_answers() {
  command -v docker >/dev/null && timeout 10 docker info >/dev/null 2>&1
}

plugins_answer() {
  timeout 10 docker compose version >/dev/null 2>&1 && timeout 10 docker buildx version >/dev/null 2>&1
}

# runc is linked against the release's libseccomp and iptables talks to the kernel: both come from the machine's own suite.
install_host_packages() {
  local install=(apt-get -q install -y --no-install-recommends runc iptables)
  if command -v runc >/dev/null && command -v iptables >/dev/null; then return; fi
  export DEBIAN_FRONTEND=noninteractive
  "${install[@]}" >&2 && return
  apt-get -q update >&2
  "${install[@]}" >&2
}

# Compose and buildx run under whichever client the machine has.
link_client() {
  local plugin
  if ! command -v docker >/dev/null || [[ $(readlink /usr/local/bin/docker) == "$engine_dir"/* ]]; then
    ln -sfn "$programs/usr/bin/docker" /usr/local/bin/docker
  fi
  if [[ -z $generation ]] && plugins_answer; then return; fi
  mkdir -p "$plugin_dir"
  for plugin in docker-compose docker-buildx; do
    ln -sfn "$programs/usr/libexec/docker/cli-plugins/$plugin" "$plugin_dir/$plugin"
  done
}

# A zombie process keeps its number and its name, but not its program.
runs() {
  [[ -s $1 && $(readlink "/proc/$(cat "$1")/exe") == */"$2"* ]]
}

# After a kill or a reboot the number in a pid file may belong to another process, and dockerd then refuses to start.
remove_stale_pid_files() {
  runs "$exec_dir/containerd/containerd.pid" containerd || rm -f "$exec_dir/containerd/containerd.pid"
  runs "$pid_file" dockerd || rm -f "$pid_file"
}

start_engine() {
  local command=(dockerd --pidfile "$pid_file" --data-root "$engine_dir/data" --exec-root "$exec_dir" --log-level warn
    --log-driver json-file --log-opt max-size=10m --log-opt max-file=3)
  remove_stale_pid_files
  if [[ -e $pid_file ]]; then return; fi
  if [[ -e $log_file ]]; then mv "$log_file" "$log_file.1"; fi
  PATH=$programs/usr/sbin:$programs/usr/bin:/usr/sbin:$PATH \
    setsid "${command[@]}" </dev/null >"$log_file" 2>&1 9>&- &
  engine_process=$!
}

wait_until_it_answers() {
  local until=$((SECONDS + deadline_s))
  until engine_answers; do
    if ((SECONDS >= until)) || [[ -n $engine_process && ! -d /proc/$engine_process ]]; then
      tail -n 20 "$log_file" >&2
      fail "the engine ended or did not answer within $deadline_s s" "read $log_file"
    fi
    sleep 0.2
  done
}

report() {
  docker version --format 'Docker engine {{.Server.Version}} answers (client {{.Client.Version}})'
  docker compose version
  docker buildx version
}

choose() {
  generation=$1
  [[ $1 != newest ]] || suite=sid programs=$engine_dir/root-sid
}

# Of the generation that was asked for, and one of ours; any, when none was asked for.
right_one_answers() {
  engine_answers && plugins_answer || return 1
  [[ -z $generation ]] || { runs "$pid_file" "${programs##*/}/usr/sbin/dockerd" && [[ $(readlink "$plugin_dir/docker-compose") == "$programs"/* ]]; }
}

# Tests on an engine of the machine's own are not of the generation that was asked for: said in one line, and in CI a fault.
is_foreign() { [[ -n $generation ]] && engine_answers && ! runs "$pid_file" dockerd; }

leave_foreign() {
  [[ ${CI:-} != true ]] || fail "an engine answers that this script did not start, and the $generation was asked for" 'stop it'
  say "left out: the $generation engine, Compose and buildx (an engine of this machine's own answers)"
  report
}

stop_other_generation() {
  if [[ -n $generation ]] && ! runs "$pid_file" "${programs##*/}/usr/sbin/dockerd" && runs "$pid_file" dockerd; then stop_engine; fi
}

install_engine() {
  if right_one_answers; then report; return; fi
  if is_foreign; then leave_foreign; return; fi
  ((EUID == 0)) || fail 'no Docker engine answers and only root can start one' 'run this as root, or join the group of a running engine'
  mkdir -p "$engine_dir"
  exec 9<"$engine_dir"
  flock -w 300 9 || fail 'another start of the engine is still going on' 'wait for it to end'
  "$here/unpack-engine.sh" "$programs" "$suite"
  install_host_packages
  stop_other_generation
  link_client
  if ! engine_answers; then start_engine; fi
  wait_until_it_answers
  report
}

stop_engine() {
  local until=$((SECONDS + deadline_s))
  if ! runs "$pid_file" dockerd; then say 'no engine of ours is running'; return; fi
  kill "$(cat "$pid_file")"
  while runs "$pid_file" dockerd; do
    ((SECONDS < until)) || fail "the engine did not stop within $deadline_s s" "read $log_file"
    sleep 0.2
  done
  say 'engine stopped'
}

main() {
  case ${1:-} in
    '') install_engine ;;
    --oldest | --newest) choose "${1#--}" && install_engine ;;
    --stop) stop_engine ;;
    -h | --help) sed -n '2,8s/^# //p' "${BASH_SOURCE[0]}" ;;
    *) fail "unknown option $1" 'install-engine.sh [--oldest | --newest | --stop]' ;;
  esac
}

main "$@"
