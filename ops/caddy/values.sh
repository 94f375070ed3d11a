# shellcheck shell=sh disable=SC2020 # sets of characters
# Tests of the text of a setting: number, name, address. POSIX sh, sourced by settings.sh.

one_line() { printf '%s' "$1" | tr '[:cntrl:]' ' '; }

in_lower_case() { printf '%s' "$1" | tr '[:upper:]' '[:lower:]'; }

in_brackets() { case $1 in *:*) printf '[%s]' "$1" ;; *) printf '%s' "$1" ;; esac; }

# words TEXT: separated by commas or spaces, a line each.
words() { printf '%s' "$1" | tr ',[:space:]' '\n\n' | sed '/^$/d'; }

# A leading zero would make it octal for this shell and for Compose.
is_number() { case $1 in '' | *[!0-9]* | 0?* | ????????????????*) return 1 ;; esac; }

is_ipv4() {
  printf '%s\n' "$1" | awk -F. '{ ok = NF == 4; for (i = 1; i <= NF; i++) ok = ok && $i ~ /^(0|[1-9][0-9]?[0-9]?)$/ && $i < 256 } END { exit !ok }'
}

# Eight groups, or fewer around one `::`; an IPv4 address at the end stands for two of them.
is_ipv6() {
  groups=$1
  case $1 in *.*) is_ipv4 "${1##*:}" && groups=${1%:*}:0:0 || return 1 ;; esac
  printf '%s\n' "$groups" | awk '{
    shortened = gsub(/::/, ":x:")
    sub(/^:x/, "x"); sub(/x:$/, "x")
    count = split($0, group, ":")
    ok = shortened ? shortened == 1 && count <= 8 : count == 8
    for (i = 1; i <= count; i++) ok = ok && group[i] ~ /^(x|[0-9a-f][0-9a-f]?[0-9a-f]?[0-9a-f]?)$/
    exit !ok
  }'
}

is_address() { is_ipv4 "$1" || is_ipv6 "$1"; }

is_name() {
  [ "${#1}" -le 253 ] && printf '%s\n' "$1" | grep -Eq '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' &&
    case ${1##*.} in *[!0-9]*) true ;; *) false ;; esac
}

# No public certificate authority signs for it.
is_private() {
  is_address "$1" || case $1 in *.local | *.localhost | *.internal | *.lan | *.home.arpa | *.test | *.example | *.invalid | *.onion) true ;; *.*) false ;; *) true ;; esac
}
