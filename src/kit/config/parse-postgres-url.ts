type Parsed = { value: string } | { problem: string; hint?: string }

const shape = 'expected postgres://user@host:5432/database'

/** Parameters that the client understands or that PostgreSQL takes at start-up. */
const allowed = [
  'sslmode',
  'sslrootcert',
  'channel_binding',
  'connect_timeout',
  'host',
  'options',
  'application_name',
  'target_session_attrs',
]

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']

function hintFor(name: string): string {
  return name === 'pgbouncer'
    ? 'remove it and set DATABASE_PREPARE=false'
    : `remove it; known are ${allowed.join(', ')}`
}

function isDecodable(url: URL): boolean {
  try {
    return [url.username, url.password, url.pathname].every(
      (part) => typeof decodeURIComponent(part) === 'string',
    )
  } catch {
    return false
  }
}

function problemOf(url: URL): Parsed | undefined {
  if (!['postgres:', 'postgresql:'].includes(url.protocol))
    return { problem: `${shape}, found another scheme` }
  if (!isDecodable(url))
    return { problem: 'expected %-encoding that decodes', hint: 'write a literal % as %25' }
  if (url.username === '') return { problem: `${shape}, found no user` }
  if (url.pathname.length < 2) return { problem: `${shape}, found no database name` }
  if (url.hash !== '') return { problem: 'expected no #', hint: 'write # as %23, or use DATABASE_PASSWORD' }
  const unknown = [...url.searchParams.keys()].find((name) => !allowed.includes(name))
  if (unknown !== undefined) return { problem: `unknown parameter ${unknown}`, hint: hintFor(unknown) }
  const mode = url.searchParams.get('sslmode')
  if (mode !== null && !sslModes.includes(mode)) {
    return { problem: 'unknown sslmode', hint: `expected one of ${sslModes.join(', ')}` }
  }
  const root = url.searchParams.get('sslrootcert')
  if (root !== null && root !== 'system') {
    return { problem: 'sslrootcert takes only system', hint: 'set DATABASE_CA_FILE to the path instead' }
  }
  return undefined
}

/** Parses a connection URL. Its faults never quote the text, which may hold a password. */
export function parsePostgresUrl(text: string): Parsed {
  if (!URL.canParse(text)) return { problem: `${shape}, found something that is not a URL` }
  return problemOf(new URL(text)) ?? { value: text }
}
