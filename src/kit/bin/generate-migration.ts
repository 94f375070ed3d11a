/**
 * `drizzle-kit generate`, and then a look whether it has made a file: it ends with 0 after its own errors too.
 *   node src/kit/bin/generate-migration.ts --name add_parcel_colour         --custom for a file without statements
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { compareSchema, kitPath, lastLines } from '../migrate/check/check-drizzle-kit.ts'
import { CommandError } from '../errors.ts'
import { readMigrations } from '../migrate/read-migrations.ts'
import { refuseUnread } from '../migrate/refuse-unread.ts'
import { defineVerb, wrongArguments, type Arguments } from './process/define-verb.ts'
import { fingerprintFolder } from './migrate/migrate-in-checkout.ts'
import { runCommand } from './process/run-command.ts'
import { openTerminal, type Terminal } from './process/terminal.ts'

const folder = 'migrations'

const options = {
  name: { type: 'string', default: '' },
  custom: { type: 'boolean', default: false },
} as const

type Given = Arguments<typeof options>

function tags(): string[] {
  return existsSync(`${folder}/meta/_journal.json`) ? readMigrations(folder).map(({ tag }) => tag) : []
}

/**
 * Runs drizzle-kit with the terminal for its questions; returns its output, which is shown only when no file was
 * made.
 */
function generate({ name, custom }: Given['values']): string {
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
  // null with `inherit`.
  return `${(said as string | null) ?? ''}${stderr}`
}

function noFile(output: string): CommandError {
  // Keeps the first line of the message and drops the stack inside drizzle-kit.
  const lines = output.split('\n').filter((line) => !/^\s+at |^\s*$/.test(line))
  const needsTerminal = /require a TTY|interactive prompts/i.test(output)
  const hint = needsTerminal
    ? 'drizzle-kit asks whether a column or table was renamed: run it at a terminal'
    : 'correct the schema of src/app, then run it again; npm run typecheck shows faults of the schema'
  return new CommandError('failed', `drizzle-kit made no migration: ${lastLines(lines.join('\n'))}`, {
    hint,
  })
}

async function run({ print }: Terminal, { values }: Given): Promise<void> {
  refuseUnread(folder)
  const before = new Set(tags())
  const output = generate(values)
  refuseUnread(folder)
  const made = tags().filter((tag) => !before.has(tag))
  if (made.length > 0) {
    for (const tag of made) print(`wrote ${folder}/${tag}.sql`)
    print((await fingerprintFolder(folder)).text)
    return
  }
  const changes = await compareSchema(folder)
  if (changes.length > 0) throw noFile(output)
  print('nothing has changed: the migrations make what the schema says, no file was written')
}

process.exitCode = await runCommand({
  name: 'npm run db:generate --',
  verb: defineVerb({
    usage: ['--name NAME [--custom]   write the next migration from the schema, and the fingerprint'],
    options,
    refuse: ({ values: { name } }) => {
      if (!/^[A-Za-z0-9_]{1,60}$/.test(name))
        throw wrongArguments(`--name: expected letters, digits and underscores, at most 60 (got '${name}')`)
    },
    run,
  }),
  open: openTerminal,
})
