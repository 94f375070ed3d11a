/**
 * `drizzle-kit generate`, and then a look whether it has made a file: it ends with 0 after its own errors too.
 *   node src/kit/bin/generate-migration.ts --name add_itinerary_colour      --custom for a file without statements
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { compareSchema, kitPath, lastLines } from '../migrate/check/check-drizzle-kit.ts'
import { CommandError, exitCodes } from '../errors.ts'
import { readMigrations } from '../migrate/read-migrations.ts'
import { refuseUnread } from '../migrate/refuse-unread.ts'
import { runInCheckout } from './migrate-in-checkout.ts'
import { runCommand } from './run-command.ts'

const usage = `usage: npm run db:generate -- --name NAME [--custom]
Writes the next migration from the schema, and the fingerprint.
exit codes: 0 written, or nothing has changed, 1 drizzle-kit made no file, 2 wrong arguments or an unreadable folder`

const folder = 'migrations'

function parse() {
  const { values } = parseArgs({
    options: {
      name: { type: 'string' },
      custom: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { name = '' } = values
  if (!values.help && !/^[A-Za-z0-9_]{1,60}$/.test(name)) {
    throw new Error(`--name: expected letters, digits and underscores, at most 60 (got '${name}')`)
  }
  return { ...values, name }
}

const tags = (): string[] =>
  existsSync(`${folder}/meta/_journal.json`) ? readMigrations(folder).map(({ tag }) => tag) : []

/** Its questions need the terminal; its complaints are shown only when there is no file. */
function generate({ name, custom }: ReturnType<typeof parse>): string {
  const kit = kitPath()
  if (kit === undefined) {
    throw new CommandError('usage', 'drizzle-kit is not installed here', { hint: 'npm ci' })
  }
  const args = [kit, 'generate', '--name', name, ...(custom ? ['--custom'] : [])]
  const stdout = process.stdout.isTTY ? 'inherit' : 'pipe'
  const { stdout: said, stderr } = spawnSync(process.execPath, args, {
    stdio: ['inherit', stdout, 'pipe'],
    encoding: 'utf8',
  })
  // With `inherit` there is nothing of it.
  return `${(said as string | null) ?? ''}${stderr}`
}

function noFile(output: string): CommandError {
  // The first line says what; those of the stack say where in drizzle-kit.
  const lines = output.split('\n').filter((line) => !/^\s+at |^\s*$/.test(line))
  const needsTerminal = /require a TTY|interactive prompts/i.test(output)
  const hint = needsTerminal
    ? 'drizzle-kit asks whether a column or table was renamed: run it at a terminal'
    : 'correct the schema of src/app, then run it again; npm run typecheck shows faults of the schema'
  return new CommandError('failed', `drizzle-kit made no migration: ${lastLines(lines.join('\n'))}`, {
    hint,
  })
}

async function run(args: ReturnType<typeof parse>): Promise<number> {
  refuseUnread(folder)
  const before = new Set(tags())
  const output = generate(args)
  refuseUnread(folder)
  const made = tags().filter((tag) => !before.has(tag))
  if (made.length > 0) {
    for (const tag of made) process.stdout.write(`wrote ${folder}/${tag}.sql\n`)
    const { text } = await runInCheckout(
      {
        command: 'fingerprint',
        json: false,
        porcelain: false,
        allowOutOfOrder: false,
        to: undefined,
        base: undefined,
      },
      folder,
    )
    process.stdout.write(`${text}\n`)
    return exitCodes.ok
  }
  const changes = await compareSchema(folder)
  if (changes.length > 0) throw noFile(output)
  process.stdout.write('nothing has changed: the migrations make what the schema says, no file was written\n')
  return exitCodes.ok
}

process.exitCode = await runCommand({ usage, parse, run })
