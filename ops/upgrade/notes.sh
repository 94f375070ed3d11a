# shellcheck shell=bash
# What has to be known of an upgrade after it has ended, or was killed. Sourced, never run.

# Two notes, of KEY=VALUE lines: the upgrade that is under way, and the last one that was finished, so that BACK=1 knows the way.
note_file() { printf '%s/.data/upgrade-%s.%s' "${root:?}" "$1" "$(project)"; }
noted() { sed -n "s/^$2=//p" "$(note_file "$1")" 2>/dev/null || true; }

# note NAME LINE...
note() {
  local file
  file=$(note_file "$1")
  mkdir -p "${file%/*}"
  printf '%s\n' "${@:2}" >"$file.partial"
  mv "$file.partial" "$file"
}
