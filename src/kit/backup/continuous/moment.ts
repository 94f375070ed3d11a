import { CommandError } from '../../errors.ts'

/** What a restore aims at. */
export type Moment =
  | { kind: 'latest' }
  /** Just before `at`; `text` keeps the microseconds that a Date cannot hold. */
  | { kind: 'time'; at: Date; text: string }
  | { kind: 'name'; name: string }

const momentPattern =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)$/

const wrong = (text: string): CommandError =>
  new CommandError('usage', `expected a moment with its time zone, or latest (got '${text}')`, {
    hint: 'for example AT="2026-11-22 09:00:00+00"',
  })

/** `2026-11-22 09:00:00.5+01`, or `latest`. A moment without a zone could be meant in two ways, and is refused. */
export const parseMoment = (text: string): Moment => {
  if (text === 'latest') return { kind: 'latest' }
  const [, day, time, zone] = momentPattern.exec(text) ?? []
  if (day === undefined || time === undefined || zone === undefined) throw wrong(text)
  const [, hours = '00', minutes = '00'] = /([+-]\d{2}):?(\d{2})?/.exec(zone) ?? []
  const at = new Date(`${day}T${time}${zone === 'Z' ? 'Z' : `${hours}:${minutes}`}`)
  if (Number.isNaN(at.getTime())) throw wrong(text)
  return { kind: 'time', at, text: `${day} ${time}${zone === 'Z' ? '+00' : zone}` }
}

/** Names stand in a WAL record of 64 bytes, in settings and on command lines. */
export const parsePointName = (name: string): string => {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) return name
  throw new CommandError(
    'usage',
    `expected a name of up to 63 letters, digits, dots, dashes and underscores (got '${name}')`,
    { hint: 'for example NAME=before-deploy-42' },
  )
}
