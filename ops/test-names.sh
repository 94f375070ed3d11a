#!/usr/bin/env bash
# Compares the tests by name: lines with - are in the commit alone, lines with + in the working tree alone.
#   npm run --silent test:names -- v1.2.0
# Names of unit and integration tests have the values of their tables filled in; those of system tests stand as written.
set -Eeuo pipefail
# shellcheck source=ops/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
  local commit=${1:-}
  [[ -n "$commit" ]] || die 'the commit to compare with is missing' 'npm run test:names -- origin/main'
  scratch=$(mktemp -d)
  trap remove_scratch EXIT
  git -C "$root" worktree add --quiet --detach "$scratch/commit" "$commit"
  ln -s "$root/node_modules" "$scratch/commit/node_modules"
  names_in "$scratch/commit" >"$scratch/before"
  names_in "$root" >"$scratch/now"
  LC_ALL=C comm -3 "$scratch/before" "$scratch/now" | sed -e 's/^"/-"/' -e $'s/^\t/+/'
}

remove_scratch() {
  git -C "$root" worktree remove --force "$scratch/commit" >/dev/null 2>&1 || true
  rm -rf "$scratch"
}

# For integration tests the code around the tests runs, on the embedded server; no test does.
names_in() {
  cd "$1"
  list --project=unit --project=integration --no-static-parse
  list --project=system
  node -e 'const names = process.argv.slice(1).flatMap((file) => require(file)).map(({ name }) => JSON.stringify(name))
    console.log(names.join("\n"))' "$scratch"/list-*.json | LC_ALL=C sort
  rm "$scratch"/list-*.json
}

list() { TEST_POSTGRES=embedded vitest list "$@" --json="$scratch/list-${1##*=}.json" >/dev/null; }

main "$@"
