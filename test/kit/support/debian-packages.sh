# shellcheck shell=bash
# Programs of another Debian release, unpacked into a folder of their own. Sourced by the install-*.sh scripts, never run.
# They bring their own C library along, so that they run on Debian 12 too; nothing else of the machine is changed.

# Folder for what is half done: set by the script that sources this.
work=''

fail() {
  printf 'error: %s\n  hint: %s\n' "$1" "$2" >&2
  exit 1
}

# A package list, state and cache of our own: the machine's apt sources stay as they are, its apt.conf still counts. Errors alone
# are shown, and all that apt prints with V=1.
private_apt() {
  local apt=$work/apt quiet=-qq
  [[ ${V:-} != 1 ]] || quiet=-q
  # sid is signed for a week only, and a mirror behind a wall lags: what counts is the signature.
  apt-get $quiet -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/parts" -o Dir::State::lists="$apt/lists" \
    -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false "$@"
}

write_apt_sources() {
  mkdir -p "$work"/apt/{lists/partial,parts,cache/archives/partial} "$work/debs"
  : >"$work/apt/status"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$("$(dirname "${BASH_SOURCE[0]}")/../../../ops/base-images/debian-mirror.sh")" "$1" >"$work/apt/sources.list"
}

# The resolver alone knows the closure: against an empty status file it lists every package, this machine's or not.
closure() {
  local wanted=$1 unwanted=$2
  shift 2
  private_apt install --print-uris -y --no-install-recommends "$@" |
    awk -F"[' ]+" '/^\047/ { split($3, part, "_"); print part[1] }' | grep -E "$wanted" | grep -Ev "$unwanted"
}

# unpack_debian SUITE ROOT WANTED UNWANTED PACKAGE...: of the closure, the packages whose names fit WANTED and not UNWANTED.
unpack_debian() {
  local suite=$1 into=$2 wanted=$3 unwanted=$4 names deb begun=$SECONDS
  shift 4
  command -v apt-get >/dev/null || fail 'this is no Debian' "install $* by hand and name the folder of the programs"
  [[ $(uname -m) == x86_64 ]] || fail "made for x86_64 (got $(uname -m))" "install $* by hand and name the folder of the programs"
  mkdir -p "$into"
  write_apt_sources "$suite"
  private_apt update >&2
  mapfile -t names < <(closure "$wanted" "$unwanted" "$@")
  ((${#names[@]} > 0)) || fail "$suite does not offer $*" "look at the machine's apt sources"
  (cd "$work/debs" && private_apt download "${names[@]}" >&2)
  for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$into"; done
  rm -rf "$work/apt" "$work/debs"
  printf 'unpacked %s of Debian %s (%s s)\n' "$*" "$suite" "$((SECONDS - begun))" >&2
}

# wrapper ROOT PROGRAM NAME: Debian 12's loader cannot run a later release's programs; theirs can, when told by name.
# --argv0 keeps the search of a program for itself and its own folder right.
wrapper() {
  cat <<WRAPPER
#!/bin/sh
root='$1'
exec "\$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "\$root/usr/lib/x86_64-linux-gnu" --argv0 "$3" "\$root/$2" "\$@"
WRAPPER
}
