#!/usr/bin/env bash
# Prints the URI of the Debian mirror this machine already uses (DEBIAN_MIRROR wins), without a trailing slash.
#   ops/base-images/debian-mirror.sh
set -Eeuo pipefail

# shellcheck disable=SC2034 # read by lib.sh
settings_needed=never
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/../lib.sh"

# apt's own parser reads both source formats; --no-release-info makes it answer before the first `apt-get update`.
configured_mirror() {
  command -v apt-get >/dev/null || return 0
  # shellcheck disable=SC2016  # the placeholders are apt's
  apt-get indextargets --no-release-info --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk '$2 == "main" && $1 ~ /^(stable|oldstable|testing|unstable|sid|bookworm|trixie|forky)$/ && !uri { uri = $3 } END { print uri }'
}

# Debian's cloud images name a list of mirrors (`mirror+file:/etc/apt/mirrors/debian.list`) that only this machine's apt can read.
first_of_list() {
  awk '/^[a-z]+:/ && !uri { uri = $1 } END { print uri }' "$1"
}

main() {
  local uri
  uri=${DEBIAN_MIRROR:-$(configured_mirror)}
  uri=${uri%/}
  if [[ $uri == mirror+file:* ]]; then uri=$(first_of_list "${uri#mirror+file:}"); fi
  [[ $uri == http://* || $uri == https://* ]] ||
    die "no Debian mirror found in this machine's apt sources (got '$uri')" 'set DEBIAN_MIRROR to the URI of one'
  printf '%s\n' "${uri%/}"
}

main "$@"
