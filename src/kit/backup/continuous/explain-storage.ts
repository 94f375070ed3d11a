import type { RepositoryName } from './continuous-settings.ts'

export interface StorageFault {
  cause: string
  hint: string
}

const known: (StorageFault & { pattern: RegExp })[] = [
  {
    pattern: /failed with 40[13] \(/,
    cause: 'the off-site storage refuses the key',
    hint: 'compare offsite_access_key_id and offsite_secret_access_key in secrets/db and secrets/backup with the storage, and what the key may do there; then: docker compose -f compose.prod.yaml restart db',
  },
  {
    pattern: /failed with 404 \(/,
    cause: 'the off-site storage has no such bucket',
    hint: 'make the bucket, or correct OFFSITE_S3_BUCKET and: make up',
  },
  {
    pattern: /certificate/,
    cause: 'the certificate of the off-site storage is not trusted',
    hint: 'OFFSITE_S3_CA_FILE names the authority that signed it, where that is one of your own',
  },
  {
    pattern:
      /HostConnectError|unable to (connect|get address)|timeout after|Connection reset|unexpected eof/i,
    cause: 'the off-site storage cannot be reached',
    hint: 'is EGRESS_INTERNAL=false in .env, and OFFSITE_S3_ENDPOINT right? What waits is archived by itself as soon as it answers',
  },
]

/**
 * Maps a pgBackRest message about repo2 to a cause and a hint. Returns undefined for an unknown message
 * and for repo1.
 */
export function explainStorage(repository: RepositoryName, said: string): StorageFault | undefined {
  return repository === 'repo2' ? known.find(({ pattern }) => pattern.test(said)) : undefined
}
