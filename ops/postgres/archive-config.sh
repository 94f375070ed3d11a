#!/usr/bin/env bash
# Writes the configuration of pgBackRest into a folder in memory: its keys must stand in no argument and no environment.
# One file for each repository, so that none waits for another: repo1.conf is the folder beside the backups, repo2.conf the
# off-site bucket. Used by the database and by the backups alike.
#   archive-config.sh            ARCHIVE_RUN=/tmp/run ARCHIVE_REPO=/tmp/repo PGDATA=/tmp/data archive-config.sh
set -Eeuo pipefail

readonly run=${ARCHIVE_RUN:-/run/pgbackrest}
readonly repo=${ARCHIVE_REPO:-/backups/continuous}
readonly secrets=${ARCHIVE_SECRETS:-/run/secrets}
# By age and not by count: restores and gaps bring full backups of their own, which must not push out the old ones. One that is
# older than this stays, so that every moment within these days can be restored.
readonly kept_days=14

# Without the line end of an editor, of either kind.
secret() {
  local text=''
  [[ ! -r "$secrets/$1" ]] || text=$(<"$secrets/$1")
  printf '%s' "${text%$'\r'}"
}

# settings PREFIX KEY=VALUE...: a line each; a line end in a value would begin a setting of its own.
settings() {
  local prefix=$1 each
  for each in "${@:2}"; do
    if [[ "$each" == *[$'\r\n']* ]]; then
      printf 'error: %s of the archive holds a line end\nhint: write its value on one line, in .env or in the files of secrets/\n' "${each%%=*}" >&2
      return 1
    fi
    printf '%s%s\n' "$prefix" "$each"
  done
}

of_folder() { settings repo1- "path=$repo"; }

of_s3() {
  local region=${OFFSITE_S3_REGION:-us-east-1} prefix=${OFFSITE_S3_PREFIX:-} host
  host=${OFFSITE_S3_ENDPOINT:-s3.$region.amazonaws.com}
  host=${host#*://}
  host=${host%%/*}
  settings repo1- type=s3 "path=/${prefix:+${prefix#/}/}continuous" "s3-bucket=$OFFSITE_S3_BUCKET" "s3-endpoint=${host%:*}" \
    "s3-region=$region" s3-uri-style=path "s3-key=$(secret offsite_access_key_id)" \
    "s3-key-secret=$(secret offsite_secret_access_key)"
  [[ "$host" != *:* ]] || settings repo1- "storage-port=${host##*:}"
  [[ -z "${OFFSITE_S3_CA_FILE:-}" ]] || settings repo1- "storage-ca-file=$OFFSITE_S3_CA_FILE"
}

# The archiver waits for a push no longer than 5 s; the work behind it goes on and is asked about again.
common() {
  local cipher
  cipher=$(secret repo_cipher_pass)
  [[ -z "$cipher" ]] || settings repo1- cipher-type=aes-256-cbc "cipher-pass=$cipher"
  settings '' repo1-retention-full-type=time "repo1-retention-full=$kept_days" repo1-bundle=y compress-type=zst compress-level=1 start-fast=y io-timeout=10 \
    log-level-file=off log-level-console=warn "spool-path=$run/$1" "lock-path=$run/$1" \
    '[global:archive-push]' archive-async=y archive-timeout=5 '[slipway]' "pg1-path=$PGDATA" "pg1-port=${PGPORT:-5432}"
  [[ -z "${ARCHIVE_USER:-}" ]] || settings pg1- "user=$ARCHIVE_USER"
  [[ -z "${ARCHIVE_DATABASE:-}" ]] || settings pg1- "database=$ARCHIVE_DATABASE"
}

# configuration NAME REPOSITORY: renamed last, since the server may archive while this is written anew.
configuration() {
  mkdir -p "$run/$1"
  {
    printf '[global]\n'
    "$2"
    common "$1"
  } >"$run/$1.conf.partial"
  mv "$run/$1.conf.partial" "$run/$1.conf"
}

main() {
  umask 077
  mkdir -p "$run"
  rm -f "$run/ready"
  configuration repo1 of_folder
  if [[ -n "${OFFSITE_S3_BUCKET:-}" ]]; then configuration repo2 of_s3; else rm -f "$run/repo2.conf"; fi
  # Nothing is archived until all are written: a file that only one of two repositories received would count as archived.
  touch "$run/ready"
}

main "$@"
