#!/bin/sh
# Says in one sentence each which program is missing or too old (ops/minimums.txt), and then ends with 1. A version that cannot
# be read is a warning: a build from source has none.
# POSIX sh, for bash 3.2 and make 3.81 must be able to run what refuses or accepts them: no arrays, no `local`, no bash in here.
#   ops/require-minimums.sh
set -eu

table=$(dirname "$0")/minimums.txt
faults=0

remedy() { sed -n "s/^$1  *[^ ]*  *//p" "$table"; }

minimum() { awk -v name="$1" '$1 == name { print $2 }' "$table"; }

fault() {
  faults=$((faults + 1))
  printf 'error: %s\nhint: %s\n' "$1" "$(remedy "$2")" >&2
}

# numbers VERSION: its major and minor number, of v2.26.1-4, 5.5.1, 28.5.2+dfsg or 3.81 alike; nothing where there are none.
numbers() { printf '%s\n' "$1" | sed -n 's/^v\{0,1\}\([0-9][0-9]*\)\.\([0-9][0-9]*\).*/\1 \2/p'; }

# is_older NUMBERS NUMBERS
is_older() { printf '%s %s\n' "$1" "$2" | awk '{ exit !($1 < $3 || ($1 == $3 && $2 < $4)) }'; }

# at_least KEY NAME VERSION
at_least() {
  found=$(numbers "$3")
  if [ -z "$found" ]; then
    printf 'warning: the version of %s cannot be read (got "%s"), %s or later is needed\n' "$2" "$3" "$(minimum "$1")" >&2
  elif is_older "$found" "$(numbers "$(minimum "$1")")"; then
    fault "$2 is $3, and $(minimum "$1") or later is needed" "$1"
  fi
}

# The one that runs the scripts beside this one. Where it is macOS's own, another one may stand in PATH behind it.
check_bash() {
  # shellcheck disable=SC2016 # for that bash to fill in
  if version=$(bash -c 'printf %s "$BASH_VERSION"' 2>/dev/null); then at_least bash bash "$version"; else fault 'there is no bash' bash; fi
}

check_make() { [ -z "${MAKE_VERSION:-}" ] || at_least make make "$MAKE_VERSION"; }

# Podman's stand-in for docker, and podman behind Docker's own client.
is_podman() {
  case "$(docker --version 2>&1) $(docker version --format '{{range .Server.Components}}{{.Name}} {{end}}' 2>/dev/null)" in
    *[Pp]odman*) true ;;
    *) false ;;
  esac
}

# Compose 2.40 hands secrets of a build on as fields between commas, and reads the folder it runs in as a URL.
check_path() {
  case "$(cd "$(dirname "$0")/.." && pwd)" in
    *[,%\"]*) fault 'the path of this checkout has a comma, a percent sign or a double quote in it, and Compose cannot build there' path ;;
  esac
}

check_engine() {
  if is_podman; then
    fault 'what answers as docker is podman, and the stack was never run on it' engine
    return
  fi
  at_least engine 'the Docker engine' "$(docker version --format '{{.Server.Version}}' 2>/dev/null)"
  compose=$(docker compose version --short 2>/dev/null || true)
  check_plugin compose compose Compose "$compose"
  check_path
  check_plugin buildx "$(buildx_for "$compose")" buildx "$(docker buildx version 2>/dev/null | awk '{ print $2 }')"
}

# Compose 2.40 and later leave the build to buildx.
buildx_for() {
  found=$(numbers "$1")
  if [ -n "$found" ] && ! is_older "$found" '2 40'; then printf 'buildx-2.40'; else printf 'buildx'; fi
}

# check_plugin COMMAND KEY NAME VERSION: a client without the plugin answers with nothing, or with its own help.
check_plugin() {
  if docker "$1" version >/dev/null 2>&1; then at_least "$2" "$3" "$4"; else fault "docker has no $3: \`docker $1\` does not run" "$1"; fi
}

check_bash
check_make
if command -v docker >/dev/null && docker info >/dev/null 2>&1; then check_engine; fi
[ "$faults" -eq 0 ]
