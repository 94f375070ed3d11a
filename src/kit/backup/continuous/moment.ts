import { CommandError } from '../../errors.ts'

/** Recovery target. */
export type Moment =
  | { kind: 'latest' }
  /**
   * Recovery stops before the first commit at or after `at`. `text` keeps the microseconds, which a Date
   * cannot hold.
   */
  | { kind: 'time'; at: Date; text: string }
  | { kind: 'name'; name: string }

const momentPattern =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)$/

function wrong(text: string): CommandError {
  return new CommandError('usage', `expected a moment with its time zone, or latest (got '${text}')`, {
    hint: 'for example AT="2026-11-22 09:00:00+00"',
  })
}

/**
 * Parses a recovery target such as `2026-11-22 09:00:00.5+01` or `latest`. Throws CommandError `usage` for
 * a time without a zone.
 */
export function parseMoment(text: string): Moment {
  if (text === 'latest') return { kind: 'latest' }
  const [, day, time, zone] = momentPattern.exec(text) ?? []
  if (day === undefined || time === undefined || zone === undefined) throw wrong(text)
  const [, hours = '00', minutes = '00'] = /([+-]\d{2}):?(\d{2})?/.exec(zone) ?? []
  const at = new Date(`${day}T${time}${zone === 'Z' ? 'Z' : `${hours}:${minutes}`}`)
  if (Number.isNaN(at.getTime())) throw wrong(text)
  return { kind: 'time', at, text: `${day} ${time}${zone === 'Z' ? '+00' : zone}` }
}

/** Validates the name of a restore point. Throws CommandError `usage`. A WAL record has 64 bytes for it. */
export function parsePointName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) return name
  throw new CommandError(
    'usage',
    `expected a name of up to 63 letters, digits, dots, dashes and underscores (got '${name}')`,
    { hint: 'for example NAME=before-deploy-42' },
  )
}
