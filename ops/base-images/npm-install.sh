#!/usr/bin/env bash
# npm inside a build of ./Dockerfile, with the npm settings of the machine that builds (secrets npmrc and ca: no layer keeps them).
# Puts Node at /usr/local/bin/node and npm under /opt/node_modules/npm.
# Example: /build/npm-install.sh 24.21.0 11.21.2
set -Eeuo pipefail

main() {
  local arch package
  arch=$(dpkg --print-architecture)
  package=node-linux-${arch/amd64/x64}
  if [[ -s /run/secrets/npmrc ]]; then export NPM_CONFIG_USERCONFIG=/run/secrets/npmrc; fi
  if [[ -s /run/secrets/ca ]]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi
  npm install --prefix /opt --no-save --ignore-scripts --no-audit --no-fund --loglevel error "$package@$1" "npm@$2"
  cp "/opt/node_modules/$package/bin/node" /usr/local/bin/node
  rm -rf /opt/node_modules/npm/{docs,man}
}

main "$@"
