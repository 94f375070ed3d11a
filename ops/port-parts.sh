# shellcheck shell=bash
# Finds the process or container that holds a port of this host. Sourced after lib.sh, never run.

# Prints the published ports of containers, a line each: container|project|443/udp|address of the host|port of the host.
published_ports() {
  local ids
  mapfile -t ids < <(docker ps --quiet 2>/dev/null)
  ((${#ids[@]} == 0)) || docker inspect --format '{{$c := .}}{{range $port, $hosts := .NetworkSettings.Ports}}{{range $hosts}}{{slice $c.Name 1}}{{"|"}}{{
    index $c.Config.Labels "com.docker.compose.project"}}{{"|"}}{{$port}}{{"|"}}{{.HostIp}}{{"|"}}{{.HostPort}}{{"\n"}}{{end}}{{end}}' "${ids[@]}" 2>/dev/null || true
}

# meets OURS THEIRS: true where two sockets on one port cannot be open at once. `*` is every address of both families.
meets() {
  local theirs=${2//[\[\]]/}
  theirs=${theirs%%%*}
  theirs=${theirs#::ffff:}
  [[ "$theirs" != '*' && -n "$theirs" ]] || return 0
  [[ ("$1" == *:* && "$theirs" == *:*) || ("$1" != *:* && "$theirs" != *:*) ]] || return 1
  [[ "$1" == "$theirs" || "$1" == 0.0.0.0 || "$1" == :: || "$theirs" == 0.0.0.0 || "$theirs" == :: ]]
}

# container_at PROTOCOL ADDRESS PORT: the line of the container that publishes it.
container_at() {
  local name owner port address host_port
  while IFS='|' read -r name owner port address host_port; do
    if [[ "$host_port" == "$3" && "$port" == */"$1" ]] && meets "$2" "$address"; then
      printf '%s|%s' "$name" "$owner"
      return
    fi
  done <<<"$published"
}

# Only root sees the processes of other users.
process_at() {
  local local_address details pid
  command -v ss >/dev/null && [[ "${DOCKER_HOST:-unix:}" == unix:* ]] || return 0
  while read -r _ _ _ local_address _ details; do
    meets "$2" "${local_address%:*}" || continue
    pid=$(sed -nE 's/.*pid=([0-9]+).*/\1/p' <<<"$details")
    if [[ -z "$pid" ]]; then
      printf 'a process of another user (sudo ss -lntup shows it)'
    else
      printf '%s (pid %s)' "$(name_of "$pid" "$details")" "$pid"
    fi
    return
  done < <(ss -Hlnp "--$1" "sport = :$3")
}

# The program as it was started: the threads of some have other names.
name_of() {
  local program=''
  IFS= read -r -d '' program 2>/dev/null <"/proc/$1/cmdline" || true
  # A program that renames itself writes a sentence there, such as `nginx: master process`.
  [[ "$program" == /* ]] || program=${program%% *}
  program=${program%:}
  printf '%s' "${program:+${program##*/}}"
  [[ -n "$program" ]] || sed -nE 's/.*\(\("([^"]*)".*/\1/p' <<<"$2"
}

# port_holder PROTOCOL ADDRESS PORT PROJECT: nothing when the port is free, or held by a container of the project itself.
port_holder() {
  local container
  container=$(container_at "$@")
  if [[ -z "$container" ]]; then
    process_at "$@"
  elif [[ "${container#*|}" != "$4" ]]; then
    printf 'the container %s' "${container%|*}"
    [[ -z "${container#*|}" ]] || printf ' of the stack %s' "${container#*|}"
  fi
}

# refuse_taken_ports PROJECT HINT: reads lines of PROTOCOL ADDRESS PORT SETTING, and names every one that is taken.
refuse_taken_ports() {
  local protocol address port setting holder taken=''
  published=$(published_ports)
  while read -r protocol address port setting; do
    # ops/check-settings.sh refuses a value that is no port.
    [[ "$port" =~ ^[0-9]+$ ]] || continue
    holder=$(port_holder "$protocol" "$address" "$port" "$1")
    [[ -z "$holder" ]] || taken+="${taken:+; }port $port/$protocol ($setting) is taken by $holder"
  done
  [[ -z "$taken" ]] || die "$taken" "$2"
}

# model_ports SETTING=PORT...: what a Compose model on standard input publishes, as refuse_taken_ports reads it.
model_ports() {
  awk -v settings="$*" '
    BEGIN { count = split(settings, pairs, " "); for (i = 1; i <= count; i++) { split(pairs[i], pair, "="); named[pair[2]] = named[pair[2]] (pair[2] in named && named[pair[2]] != "" ? " or " : "") pair[1] } }
    { gsub(/"/, "") }
    $1 == "-" && $2 == "mode:" { address = "0.0.0.0" }
    $1 == "host_ip:" { address = $2 }
    $1 == "published:" { port = $2 }
    $1 == "protocol:" { print $2, address, port, (port in named ? named[port] : "of the Compose file") }'
}
