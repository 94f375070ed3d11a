#!/usr/bin/env bash
# The PostgreSQL of the backup tests: install-postgres.sh says what is done.
# Example: export TEST_PG_BIN=$(test/support/install-postgres-17.sh)
set -Eeuo pipefail

exec "$(dirname "${BASH_SOURCE[0]}")/install-postgres.sh" 17
