# shellcheck shell=bash
# Functions that the scripts of ops/ share. Sourced, never run.

# The bash that macOS comes with would end in the middle of a script, with words about the script.
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
  "${BASH_SOURCE[0]%/*}/require-minimums.sh" || exit
  printf 'error: this script was started by bash %s, and 4.4 or later is needed\nhint: start it by the bash that comes first in PATH\n' "$BASH_VERSION" >&2
  exit 1
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# path_of PATH: absolute, from the checkout on, and `~` as Compose takes it; without the `realpath -m` that macOS has not.
path_of() {
  # shellcheck disable=SC2088 # as it is written in .env
  case $1 in
    '~' | '~/'*) printf '%s%s' "${HOME:-}" "${1#'~'}" ;;
    /*) printf '%s' "$1" ;;
    *) printf '%s/%s' "$root" "${1#./}" ;;
  esac
}

# bind SOURCE TARGET [ro]: a folder of the host for --volume, with the label of SELinux where .env asks for it.
bind() {
  local options=${3:-}
  [[ -z "$(env_value SELINUX_LABEL '')" ]] || options=${options:+$options,}z
  printf '%s:%s%s' "$1" "$2" "${options:+:$options}"
}

# require_mountable WHAT PATH: Docker takes a colon for the end of a path, and line ends would end it in what it prints.
require_mountable() {
  [[ "$2" != *[:[:cntrl:]]* ]] || die "Docker cannot mount the path of $1, for it has a colon, a tab or a line end (got ${2@Q})" 'move it to a path without'
}

# require_own_folder KEY PATH: the owner, group and mode of these folders are changed for the users of the containers.
require_own_folder() {
  local folder
  require_mountable "$1" "$2"
  folder=$(cd "$2" 2>/dev/null && pwd -P) || return 0
  [[ "$(cd "$root" && pwd -P)/" != "${folder%/}"/* && "$folder" != "${HOME:-}" ]] ||
    die "$1 is $folder, which holds more than this stack's files, and its owner and mode would change" "set $1 in .env to a folder of its own"
}

say() { printf '%s\n' "$*" >&2; }

# die SENTENCE [HINT [CODE]]: the form of every error of the kit; docs/reference/exit-codes.md has the codes.
die() {
  say "error: $1"
  [[ -z "${2:-}" ]] || say "hint: $2"
  exit "${3:-1}"
}

# left_out CHECK WHAT_IS_MISSING: said in one line and, in CI, a fault: a check that did not run has not passed.
left_out() {
  [[ "${CI:-}" != true ]] || die "$1 could not run: $2 is missing"
  say "left out: $1 ($2 is missing)"
}

# Once per command: a script that another one calls is not judged again.
require_minimums() {
  [[ "${SLIPWAY_MINIMUMS_MET:-}" == yes ]] || "$root/ops/require-minimums.sh" || exit
  export SLIPWAY_MINIMUMS_MET=yes
}

engine_answers() { docker info >/dev/null 2>&1; }

# require_engine WHAT HINT: an engine that answers, and a stack on it that belongs to this folder.
require_engine() {
  engine_answers || die "no Docker engine answers, and $1" "$2"
  refuse_other_folder
}

# A clone in another folder has the same project name, and would replace the containers of the first.
refuse_other_folder() { refuse_folder_of "$(project)"; }

# refuse_folder_of PROJECT
refuse_folder_of() {
  local origin
  origin=$(other_folder "$1")
  [[ -z "$origin" ]] || die "the stack $1 on this host belongs to the folder $origin, and this is $root" \
    'a second copy needs a name of its own: COMPOSE_PROJECT_NAME=other in .env; if the folder was moved here: make up MOVED=1'
}

# other_folder PROJECT: the folder that containers of that name were started from, when it is not this one.
other_folder() {
  local origins origin
  origins=$(docker ps --all --filter "label=com.docker.compose.project=$1" --format '{{.Label "com.docker.compose.project.working_dir"}}') || exit
  while IFS= read -r origin; do
    if [[ -n "$origin" && "$origin" != "$root" && ! "$origin" -ef "$root" ]]; then
      printf '%s' "$origin"
      return
    fi
  done <<<"$origins"
}

compose() {
  # Compose's progress hides other lines in a log. During a step of steps.sh only steps.sh reports progress.
  local progress=${compose_progress:-quiet}
  [[ ! -t 2 || -n "${compose_progress:-}" ]] || progress=auto
  docker compose --progress "$progress" --file "$root/compose.prod.yaml" --env-file "$ENV_FILE" "$@"
}

# When the engine does not answer, the service does not count as down.
service_runs() {
  local ids
  ids=$(compose ps --status running --quiet "$1") || die "it cannot be told whether the service $1 runs" "make status"
  [[ -n "$ids" ]]
}

has_terminal() { [[ -t 0 && -t 1 && -t 2 ]]; }

# in_container exec|run ARGS...: with a terminal in the container when all three streams of ours are one, so that progress shows.
# A terminal makes one stream out of two: captured output never gets it.
in_container() {
  local how=$1 terminal=(-T)
  shift
  ! has_terminal || terminal=()
  compose "$how" "${terminal[@]}" "$@"
}

# base_image KEY: prints the value of .env, else the default pinned in the Dockerfile.
base_image() { env_value "$1" "$(sed -n "s/^ARG $1=//p" "$root/Dockerfile" | head -n 1)"; }

project() { env_value COMPOSE_PROJECT_NAME slipway; }

# Compose takes more than the name of an image may hold.
refuse_name() {
  [[ "$(project)" =~ ^[a-z0-9]+((_|__|-+)[a-z0-9]+)*$ ]] ||
    die "images cannot be named after COMPOSE_PROJECT_NAME=$(project)" 'lower case letters and digits, with - or _ between them'
}

# The first part of our images' names. Two copies of the kit on one host never share an image that they build.
image_prefix() { env_value IMAGE_PREFIX "$(project)"; }

# The volume of the live data; a restore to a moment puts another one in its place.
pgdata_volume() { env_value PGDATA_VOLUME "$(project)_pgdata"; }

# Written when a start succeeded: from then on a database that is away is a loss, and no first start.
live_note() { note_path live; }

# Notes outlive the scripts: lines of KEY=VALUE in .data, of this stack.
note_path() { printf '%s/.data/%s.%s' "$root" "$1" "$(project)"; }

# write_note NAME LINE...: writes the whole note or nothing.
write_note() {
  local file
  file=$(note_path "$1")
  mkdir -p "${file%/*}"
  printf '%s\n' "${@:2}" >"$file.partial"
  mv "$file.partial" "$file"
}

# value_of KEY [FILE]: of lines KEY=VALUE, or of standard input; nothing where there is no such line or no file.
value_of() {
  local file=${2:-/dev/stdin}
  [[ ! -e "$file" ]] || sed -n "s/^$1=//p" "$file"
}

# Fails with the reason where the engine makes no network of IPv6; a probe that a kill left is taken away first.
try_ipv6_network() {
  local probe
  probe=$(project)_ipv6_probe
  docker network rm "$probe" >/dev/null 2>&1 || true
  docker network create --ipv6 "$probe" >/dev/null && docker network rm "$probe" >/dev/null
}

# volumes_of KEY: those of this stack that Compose or a restore made under that key; all of them without one.
volumes_of() { docker volume ls --quiet --filter "label=com.docker.compose.project=$(project)" ${1:+--filter "label=com.docker.compose.volume=$1"}; }

volume_exists() { docker volume inspect "$1" >/dev/null 2>&1; }

# Where there was no start yet, Compose would build images and make volumes before it fails.
require_database() {
  volume_exists "$(pgdata_volume)" ||
    die "the stack $(project) has no database: the volume $(pgdata_volume) is not there" 'make up; PGDATA_VOLUME in .env names the volume of the live data'
}

# The last commit that changed what the image of the API is made of: another one leaves its container alone.
revision_of_api() {
  local revision
  revision=$(git -C "$root" log -1 --format=%h -- Dockerfile package.json package-lock.json patches src migrations ops/build.ts ops/probe.sh 2>/dev/null) || true
  printf '%s' "${revision:-unknown}"
}

# take_lock NAME: one such run at a time. The folder says who holds it; the lock of a process that has ended does not count.
take_lock() {
  local folder="$root/.data/locks/$1"
  mkdir -p "${folder%/*}"
  if ! mkdir "$folder" 2>/dev/null; then
    local holder
    holder=$(cat "$folder/pid" 2>/dev/null || true)
    if [[ -z "$holder" ]] || kill -0 "$holder" 2>/dev/null; then
      die "another '$1' is running (pid ${holder:-unknown}, since $(cat "$folder/since" 2>/dev/null || printf unknown))" \
        "wait for it, or remove $folder when it is gone"
    fi
    rm -rf "$folder"
    mkdir "$folder" || die "another '$1' was started at the same moment" 'wait for it'
  fi
  date -u +%FT%TZ >"$folder/since"
  printf '%s' "$$" >"$folder/pid"
  held_lock=$folder
  trap release_lock EXIT
}

# Called by a script that sets a trap of its own.
release_lock() { [[ -z "${held_lock:-}" ]] || rm -rf "$held_lock"; }

# take_options KEYS ARGS...: each KEY=VALUE goes into the variable of that name in lower case; an empty value counts as not given,
# and --yes is YES=1. Other keys are refused, with the examples at the head of the script.
take_options() {
  local known=" $1 " argument name
  shift
  for argument in "$@"; do
    [[ "$argument" != --yes ]] || argument=YES=1
    name=${argument%%=*}
    [[ "$argument" == *=* && "$known" == *" $name "* ]] || die "unknown option $argument" "$(sed -nE 's,^# +(ops/),\1,p' "$0")"
    [[ "$argument" == *= ]] || printf -v "${name,,}" %s "${argument#*=}"
  done
}

# require_readable WHAT PATH HINT: accepts an empty path.
require_readable() { [[ -z "$2" || -r "$2" ]] || die "$1 $2 is not there, or not for you to read" "$3"; }

# shellcheck source=ops/env.sh
source "$root/ops/env.sh"
# A script that goes on without an engine needs no setting then, and is not stopped by a line that only Compose can read.
case ${settings_needed:-always} in
  always) read_env ;;
  with_engine) ! engine_answers || read_env ;;
esac
