#!/usr/bin/env bash
# Prints one number for all that the embedded API runs: source, migrations, roles, packages and their patches.
#   ops/code-hash.sh
set -Eeuo pipefail

main() {
  cd "$(dirname "$0")/.."
  find src migrations ops/postgres patches package.json package-lock.json -type f -exec cksum {} + | LC_ALL=C sort | cksum | cut -d ' ' -f 1
}

main
