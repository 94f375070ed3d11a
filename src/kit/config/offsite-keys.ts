import type { KeyTable } from './key-row.ts'

const offsite = { group: 'Off-site', usedBy: ['backup'] } as const

/** All of the first four or none: cross-rules.ts. Read by ops/postgres/archive-config.sh as well, in `db`. */
export const offsiteKeys = {
  OFFSITE_S3_ENDPOINT: {
    ...offsite,
    optional: true,
    type: 'http_url',
    help: 'Storage that speaks S3, to which every backup is copied; https only. EGRESS_INTERNAL=false lets the copies out.',
    hint: 'for example OFFSITE_S3_ENDPOINT=https://s3.eu-central-1.amazonaws.com',
  },
  OFFSITE_S3_BUCKET: {
    ...offsite,
    optional: true,
    type: 'text',
    help: 'Bucket for the copies; it has to be there.',
  },
  OFFSITE_S3_ACCESS_KEY_ID: {
    ...offsite,
    optional: true,
    type: 'secret_text',
    help: 'Name of the key. In the stack it is the files secrets/backup/offsite_access_key_id and secrets/db/offsite_access_key_id.',
    secret: true,
    mayBeEmpty: true,
  },
  OFFSITE_S3_SECRET_ACCESS_KEY: {
    ...offsite,
    optional: true,
    type: 'secret_text',
    help: 'The key itself. In the stack it is the files secrets/backup/offsite_secret_access_key and secrets/db/offsite_secret_access_key.',
    secret: true,
    mayBeEmpty: true,
  },
  OFFSITE_S3_REGION: {
    ...offsite,
    type: 'text',
    help: 'Region that requests are signed for; many storages take any.',
    default: 'us-east-1',
  },
  OFFSITE_S3_PREFIX: {
    ...offsite,
    optional: true,
    type: 'text',
    help: 'Folder in the bucket; one for each installation that shares a bucket, since each removes what it finds expired there.',
  },
  OFFSITE_S3_CA_FILE: {
    ...offsite,
    optional: true,
    type: 'text',
    help: 'Certificate authority that signed for the endpoint, as a file on the host; those of the system when not set.',
  },
  OFFSITE_TIMEOUT_MS: {
    ...offsite,
    type: 'milliseconds',
    help: 'A connection to the storage on which nothing moves for this long is given up.',
    default: '30000',
    min: 1_000,
  },
  OFFSITE_BANDWIDTH_KIB_PER_SECOND: {
    ...offsite,
    optional: true,
    type: 'integer',
    help: 'How much of the line copies off-site may take, there and back when they are read again; all of it when not set. Not what is fetched for a restore, and not what pgBackRest sends.',
    min: 64,
  },
} as const satisfies KeyTable
