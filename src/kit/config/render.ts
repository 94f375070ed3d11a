import { keyRowsOf, type SettingTable } from './app-settings.ts'
import type { KeyRow } from './key-row.ts'
import { keys } from './keys.ts'

const note =
  'Generated from src/kit/config and the settings of src/app by `npm run generate`: change the tables there, not this file.'

type Row = [key: string, row: KeyRow]

/** Groups of the kit in the order of its table, then that of the application. */
function groupsWith(table: SettingTable): Map<string, Row[]> {
  return Map.groupBy(Object.entries<KeyRow>({ ...keys, ...keyRowsOf(table) }), ([, row]) => row.group)
}

function wrap(text: string, width: number): string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length >= width) return [...lines, word]
    return [...lines.slice(0, -1), `${last} ${word}`]
  }, [])
}

function assignment(key: string, row: KeyRow): string {
  if (row.example !== undefined) return `${key}=${row.example}`
  return row.secret === true ? `#${key}_FILE=` : `#${key}=${row.default ?? ''}`
}

function envRow([key, row]: Row): string {
  return [...wrap(row.help, 100).map((line) => `# ${line}`), assignment(key, row), ''].join('\n')
}

/** Renders `.env.example`: `make setup` fills in the active lines; commented ones show defaults. */
export function renderEnvExample(table: SettingTable): string {
  const sections = [...groupsWith(table)].map(([group, rows]) =>
    [`# --- ${group} ---`, ...rows.map(envRow)].join('\n'),
  )
  return [
    `# ${note}`,
    '# A commented line shows the default. An empty value counts as not set.',
    '',
    ...sections,
  ].join('\n')
}

const typeNames: Record<KeyRow['type'], string> = {
  text: 'text',
  integer: 'whole number',
  milliseconds: 'milliseconds',
  bytes: 'bytes',
  port: 'port',
  boolean: 'true or false',
  on_off: 'on or off',
  log_level: 'level',
  web_url: 'origin',
  http_url: 'URL',
  postgres_url: 'connection URL',
  origins: 'origins',
  cidrs: 'CIDRs',
  cron: 'cron expression in UTC',
  file_text: 'path of a file',
  secret_text: 'secret',
}

function limits({ min, max }: KeyRow): string {
  if (min !== undefined && max !== undefined) return `, ${min} to ${max}`
  if (min !== undefined) return `, at least ${min}`
  return max === undefined ? '' : `, at most ${max}`
}

function defaultOf(row: KeyRow): string {
  if (row.default === '') return 'empty'
  if (row.follows !== undefined)
    return `${row.follows.times} times \`${row.follows.key}\`: \`${row.default ?? ''}\``
  if (row.default !== undefined) return `\`${row.default}\``
  return row.optional === true ? 'not set' : '**required**'
}

function tableRow([key, row]: Row): string {
  const name = row.secret === true ? `\`${key}\`, \`${key}_FILE\`` : `\`${key}\``
  return `| ${name} | ${typeNames[row.type]}${limits(row)} | ${defaultOf(row)} | ${row.usedBy.join(', ')} | ${row.help} |`
}

function section([group, rows]: [string, Row[]]): string {
  return [
    `## ${group}`,
    '',
    '| setting | value | default | read by | what it does |',
    '|---|---|---|---|---|',
    ...rows.map(tableRow),
    '',
  ].join('\n')
}

const introduction = `# Configuration

Settings are environment variables, read once when a process starts. Everything that is wrong with them is reported
together and the process exits with code 2. An empty value counts as not set. A secret may come from the file that
\`KEY_FILE\` names, as in the containers; setting both is an error, and no message repeats a secret. A variable that begins
like ours (\`HTTP_\`, \`DATABASE_\`, ..., and \`APP_\` for those of the application) and stands in no table below is an error too, so that a slip of the pen is not a
silent default. Rows read by \`compose\` belong into \`.env\` and never reach a process.

\`.env\` is read by Docker Compose, for the containers and for the scripts of \`ops/\` alike: quotes, \`export\`, \`#\` behind a
value, \`$\` and duplicates mean what they mean there, and a variable of the caller's environment wins over the file, also an
empty one. Without Compose only plain \`KEY=value\` lines are taken; every other form is refused with its line. The API on an
embedded PostgreSQL reads no \`.env\`: its settings come from the environment, for instance \`make up HTTP_PORT=3001\`.
`

/** Renders docs/reference/configuration.md. */
export function renderReference(table: SettingTable): string {
  return [`<!-- ${note} -->`, '', introduction, ...[...groupsWith(table)].map(section)].join('\n')
}
