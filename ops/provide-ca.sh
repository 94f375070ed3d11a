#!/usr/bin/env bash
# Copies the certificate authorities for npm into the checkout, where Compose reads them as a secret of the build: a file
# outside needs a permission there that no flag of `docker compose build` gives. Without any the copy is empty.
#   ops/provide-ca.sh           CA_FILE=/etc/ssl/certs/ca-certificates.crt ops/provide-ca.sh
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  local copy=$root/.data/build/ca.pem ca
  cd "$root"
  ca=$(env_value CA_FILE '')
  # Services of systemd have no HOME.
  ca=${ca/#\~\//${HOME:-}/}
  [[ -z "$ca" || (-r "$ca" && ! -d "$ca") ]] || die "CA_FILE names $ca, which is no file that you may read" 'correct it in .env, or leave it empty'
  # Node's own variable: it may name a file that only another program of this machine has.
  [[ -n "$ca" || ! -r "${NODE_EXTRA_CA_CERTS:-}" ]] || ca=$NODE_EXTRA_CA_CERTS
  mkdir -p "${copy%/*}"
  cat "${ca:-/dev/null}" >"$copy.partial"
  mv "$copy.partial" "$copy"
}

main "$@"
