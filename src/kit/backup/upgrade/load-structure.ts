import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runProgram, type ProgramRun } from '../../postgres/run-program.ts'

/**
 * Servers of 16.16, 17.12, 18.7 and later store the version of a column in this option, which no statement
 * may set. Their pg_dump skips it; the pg_dump of an older release of a newer major prints it.
 */
const ownOfServer = /^pg_attver=\d+$/

/** Removes the server-internal column options from one line of pg_restore output. */
export function withoutOwnOptions(line: string): string {
  return line.replace(/ SET \(([^()]*pg_attver=[^()]*)\);$/, (_, options: string) => {
    const kept = options.split(', ').filter((option) => !ownOfServer.test(option))
    return kept.length === 0 ? ' RESET (pg_attver);' : ` SET (${kept.join(', ')});`
  })
}

/** latin1 preserves every byte in any encoding. */
async function* filtered(sql: Readable): AsyncGenerator<Buffer> {
  let rest = ''
  for await (const piece of sql as AsyncIterable<Buffer>) {
    const lines = (rest + piece.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    yield Buffer.from(lines.map((line) => `${withoutOwnOptions(line)}\n`).join(''), 'latin1')
  }
  yield Buffer.from(withoutOwnOptions(rest), 'latin1')
}

/** Restores types, functions and empty tables as SQL text from pg_restore to psql. */
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
