import { CommandError } from '../../errors.ts'
import { placeOf, type OffsiteSettings } from './offsite-settings.ts'

const guide = 'docs/how-to/copy-off-site.md'

/** rclone repeats a message up to three times. Returns the last failure line and its cause. */
function complaintOf(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.replace(/^\d{4}\/\d\d\/\d\d \S+ /, '').trim())
  const failed = lines.findLast((line) => /^(Failed to|ERROR|CRITICAL|Fatal)/.test(line))
  const cause = lines.findLast((line) => line.startsWith('caused by: '))
  const said = [failed, cause].filter((line) => line !== undefined).join(', ')
  return (said === '' ? 'it said nothing' : said).replace(/[^\x20-\x7E]+/g, ' ').slice(0, 300)
}

interface Known {
  pattern: RegExp
  sentence: (place: string, complaint: string) => string
  hint: string
}

const known: Known[] = [
  {
    pattern: /NoSuchBucket|directory not found/,
    sentence: (place) => `the off-site storage has no such bucket: ${place}`,
    hint: 'make the bucket, or correct OFFSITE_S3_BUCKET',
  },
  {
    pattern:
      /SignatureDoesNotMatch|InvalidAccessKeyId|AccessDenied|Forbidden|Unauthorized|status code: 40[13]/,
    sentence: (place) => `the off-site storage refuses the key for ${place}`,
    hint: 'compare secrets/backup/offsite_access_key_id and offsite_secret_access_key with the storage, and what the key may do there',
  },
  {
    pattern: /x509|certificate|tls: /,
    sentence: (place, complaint) =>
      `the certificate of the off-site storage ${place} is not trusted: ${complaint}`,
    hint: 'OFFSITE_S3_CA_FILE names the authority that signed it, where that is one of your own',
  },
  {
    pattern:
      /connection refused|no such host|lookup |timeout|deadline|reset by peer|EOF|broken pipe|unreachable|closed/,
    sentence: (place, complaint) => `the off-site storage ${place} cannot be reached: ${complaint}`,
    hint: 'is EGRESS_INTERNAL=false in .env, and OFFSITE_S3_ENDPOINT right? What was not copied is tried again by itself',
  },
]

/** Converts an error of rclone to a CommandError. rclone's messages contain addresses and names, but no key. */
export function offsiteFault(settings: OffsiteSettings, ending: string, stderr: string): CommandError {
  const complaint = complaintOf(stderr)
  const place = placeOf(settings)
  const fit = known.find(({ pattern }) => pattern.test(stderr))
  if (fit !== undefined)
    return new CommandError('offsite', fit.sentence(place, complaint), { hint: fit.hint })
  return new CommandError('offsite', `rclone ended with ${ending}: ${complaint}`, { hint: guide })
}

/** Returns the CommandError for a command that needs off-site storage when none is configured. */
export function notConfigured(): CommandError {
  return new CommandError('offsite', 'no off-site storage is configured', {
    hint: `set OFFSITE_S3_ENDPOINT and OFFSITE_S3_BUCKET in .env, and write the two keys: ${guide}`,
  })
}
