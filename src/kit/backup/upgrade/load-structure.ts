import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runProgram, type ProgramRun } from '../../postgres/run-program.ts'

/**
 * Servers of 16.16, 17.12, 18.7 and later count the versions of a column in an option of it that no statement may set. Their
 * own pg_dump leaves it out; that of a new major whose release is older does not know it, and writes it like any other.
 */
const ownOfServer = /^pg_attver=\d+$/

/** One line of what pg_restore writes, without the options of columns that are the old server's own. */
export function withoutOwnOptions(line: string): string {
  return line.replace(/ SET \(([^()]*pg_attver=[^()]*)\);$/, (_, options: string) => {
    const kept = options.split(', ').filter((option) => !ownOfServer.test(option))
    return kept.length === 0 ? ' RESET (pg_attver);' : ` SET (${kept.join(', ')});`
  })
}

/** Byte for byte, whatever the encoding of the database. */
async function* filtered(sql: Readable): AsyncGenerator<Buffer> {
  let rest = ''
  for await (const piece of sql as AsyncIterable<Buffer>) {
    const lines = (rest + piece.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    yield Buffer.from(lines.map((line) => `${withoutOwnOptions(line)}\n`).join(''), 'latin1')
  }
  yield Buffer.from(withoutOwnOptions(rest), 'latin1')
}

/** The database with its types, functions and empty tables, as text on its way from pg_restore to psql. */
export function loadStructure(
  run: Pick<ProgramRun, 'programs' | 'environment' | 'signal'>,
  folder: string,
): Promise<string> {
  return runProgram(
    { ...run, name: 'pg_restore', args: ['--create', '--section=pre-data', '--file=-', folder] },
    (sql) =>
      runProgram(
        {
          ...run,
          name: 'psql',
          args: ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--dbname=postgres', '--file=-'],
          input: Readable.from(filtered(sql)),
        },
        text,
      ),
  )
}
