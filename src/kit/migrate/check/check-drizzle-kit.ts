import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Fault } from './fault.ts'

export interface KitCheck {
  faults: Fault[]
  skipped?: string
}

interface KitConfig {
  schema?: unknown
  dialect?: unknown
  casing?: unknown
}

const timeoutMs = 60_000

/** The program of drizzle-kit, or undefined where it is not installed. */
export function kitPath(): string | undefined {
  try {
    const path = fileURLToPath(new URL('./bin.cjs', import.meta.resolve('drizzle-kit')))
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}

interface KitRun {
  isGreen: boolean
  output: string
}

/** Exit code and sentence must both be right: drizzle-kit exits 0 where it only warns, or wants a terminal to ask. */
function runKit(kit: string, args: string[], sentence: string): KitRun {
  const child = spawnSync(process.execPath, [kit, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  })
  const output = `${child.stdout}${child.stderr}`.trim()
  return { isGreen: child.status === 0 && output.includes(sentence) && !/warning:/i.test(output), output }
}

/** The end of what it said, as one line. */
export function lastLines(output: string): string {
  return output.split('\n').slice(-3).join(' | ')
}

/** drizzle-kit puts `./` before every path, absolute ones too. */
function kitFolder(path: string): string {
  return relative('.', path)
}

function checkFolder(kit: string, folder: string): Fault[] {
  const run = runKit(
    kit,
    ['check', '--dialect=postgresql', `--out=${kitFolder(folder)}`],
    "Everything's fine",
  )
  if (run.isGreen) return []
  const message = `drizzle-kit check is not content: ${lastLines(run.output)}`
  const hint = 'delete the newest migration with its snapshot and journal entry, then npm run db:generate'
  return [{ exit: 'usage', subject: 'meta', message, hint }]
}

/** Generates into a copy: a schema that was changed without a migration shows as a new file there. */
function checkSchema(kit: string, folder: string, config: KitConfig): Fault[] {
  const scratch = mkdtempSync(join(tmpdir(), 'slipway-generate-'))
  try {
    cpSync(folder, join(scratch, 'out'), { recursive: true })
    const path = join(scratch, 'config.json')
    const { schema, dialect, casing } = config
    writeFileSync(path, JSON.stringify({ schema, dialect, casing, out: kitFolder(join(scratch, 'out')) }))
    const before = readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')
    const run = runKit(kit, ['generate', `--config=${path}`, '--name=check'], 'No schema changes')
    const isSame = readFileSync(join(scratch, 'out', 'meta', '_journal.json'), 'utf8') === before
    if (run.isGreen && isSame) return []
    const message = isSame
      ? `drizzle-kit generate could not compare: ${lastLines(run.output)}`
      : 'the schema in TypeScript has changes that no migration makes'
    const hint = 'npm run db:generate -- --name what_it_does, at a terminal, and commit what it writes'
    return [{ exit: 'pending', subject: String(schema), message, hint }]
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function configPath(): string {
  return resolve('drizzle.config.ts')
}

/** Returns the schema changes in TypeScript that no migration makes, and a fault when that cannot be determined. */
export async function compareSchema(folder: string): Promise<Fault[]> {
  const kit = kitPath()
  if (kit === undefined || !existsSync(configPath())) return []
  const { default: config } = (await import(pathToFileURL(configPath()).href)) as { default: KitConfig }
  return checkSchema(kit, resolve(folder), config)
}

/** Runs drizzle-kit's own checks, and refuses the cases in which it reports success without a check. */
export async function checkDrizzleKit(folder: string): Promise<KitCheck> {
  const kit = kitPath()
  if (kit === undefined)
    return { faults: [], skipped: 'drizzle-kit is not installed here: its checks did not run' }
  const faults = checkFolder(kit, resolve(folder))
  if (!existsSync(configPath())) {
    return { faults, skipped: 'no drizzle.config.ts here: schema and migrations were not compared' }
  }
  return { faults: [...faults, ...(await compareSchema(folder))] }
}
