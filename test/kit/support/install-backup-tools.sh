#!/usr/bin/env bash
# Unpacks the programs of backups out of Debian packages into a folder of its own and prints the folder of the programs:
# age, age-keygen, pgbackrest and rclone of trixie, as in the images. Beside them an S3 server from npm, for
# test/kit/support/s3-server.ts: Debian builds rclone without `serve s3` and has no other that runs by itself.
# Needs no root and changes nothing else. SLIPWAY_BACKUP_TOOLS_DIR names another folder.
# Example: export TEST_BACKUP_BIN=$(test/kit/support/install-backup-tools.sh)
set -Eeuo pipefail
# shellcheck source=test/kit/support/debian-packages.sh
source "$(dirname "${BASH_SOURCE[0]}")/debian-packages.sh"

# Started as root, the server that archives runs as another user, who cannot enter /root.
if ((EUID == 0)); then default_dir=/var/lib/slipway-backup-tools; else default_dir=${XDG_CACHE_HOME:-$HOME/.cache}/slipway-backup-tools; fi
target=${SLIPWAY_BACKUP_TOOLS_DIR:-$default_dir}
unwanted='^lib(perl|dbd|dbi|debconf|systemd-shared)'
s3_server=@20minutes/s3rver@5.0.0

unpack() {
  local program
  rm -rf "$work" && mkdir -p "$work/root/bin"
  unpack_debian trixie "$work/root/trixie" '^(age|pgbackrest|rclone|zlib1g|lib.*)$' "$unwanted" age pgbackrest rclone
  for program in age age-keygen pgbackrest rclone; do
    wrapper "$target/trixie" "usr/bin/$program" "$target/bin/$program" >"$work/root/bin/$program"
    chmod 0755 "$work/root/bin/$program"
  done
  npm install --prefix "$work/root/s3" --no-save --ignore-scripts --no-audit --no-fund --loglevel error "$s3_server" >&2
}

main() {
  work=$target.partial
  if [[ ! -x $target/bin/rclone || ! -d $target/s3 ]]; then
    unpack
    rm -rf "$target" && mv "$work/root" "$target" && rm -rf "$work"
  fi
  "$target/bin/pgbackrest" version >&2
  "$target/bin/rclone" version | sed -n 1p >&2
  printf 'age %s\n' "$("$target/bin/age" --version)" >&2
  printf '%s\n' "$target/bin"
}

main "$@"
