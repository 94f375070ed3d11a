import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import {
  compose,
  containerOf,
  eventually,
  ops,
  request,
  sql,
  stack,
  useStack,
  type StackFacts,
} from '../support/stack.ts'

/** What `make up` takes out of a checkout. */
const parts = [
  ...['.dockerignore', '.env.example', '.npmrc', 'Caddyfile', 'Dockerfile', 'compose.prod.yaml'],
  ...['package.json', 'package-lock.json', 'tsconfig.json'],
  ...['backfills', 'migrations', 'ops', 'patches', 'site', 'src'],
]

interface Journal {
  entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[]
}

let plain: StackFacts
let next = ''
let newest = ''

/** Of a checkout in another folder: the stack goes over to it. */
function up(env: Record<string, string> = {}): Promise<string> {
  return ops('up.sh', [], { MOVED: '1', ...env })
}

beforeAll(async () => {
  plain = stack()
  newest = await sql('SELECT max(created_at) FROM drizzle.__drizzle_migrations')
  next = mkdtempSync(join(tmpdir(), 'slipway-next-version-'))
  for (const part of parts) cpSync(join(plain.root, part), join(next, part), { recursive: true })
  useStack({ ...plain, root: next })
  // To take a stack over from another folder removes its containers first; what follows is about a site that runs.
  await up()
})

afterAll(async () => {
  useStack(plain)
  await sql('ALTER ROLE backup LOGIN')
  await sql('DROP TABLE IF EXISTS of_the_next_version, of_the_one_after')
  await sql(`DELETE FROM drizzle.__drizzle_migrations WHERE created_at > ${newest}`)
  await up()
  rmSync(next, { recursive: true, force: true })
})

/** The next version of the application has one migration more. */
function addMigration(table: string, first = ''): void {
  const path = join(next, 'migrations/meta/_journal.json')
  const journal = JSON.parse(readFileSync(path, 'utf8')) as Journal
  const last = journal.entries.at(-1)
  if (last === undefined) throw new Error('the journal is empty')
  const idx = last.idx + 1
  const tag = `${String(idx).padStart(4, '0')}_${table}`
  journal.entries.push({ ...last, idx, when: last.when + 1, tag })
  writeFileSync(path, JSON.stringify(journal))
  writeFileSync(join(next, 'migrations', `${tag}.sql`), `${first}CREATE TABLE ${table} (id int);`)
}

async function exists(table: string): Promise<boolean> {
  return (await sql(`SELECT to_regclass('${table}') IS NOT NULL`)) === 't'
}

function backups() {
  return join(stack().folder, 'backups')
}

function takenBeforeMigrations(): string[] {
  return readdirSync(backups())
    .filter((name) => /^\d{8}T\d{6}Z-\w+$/.test(name))
    .filter((name) =>
      readFileSync(join(backups(), name, 'manifest.json'), 'utf8').includes('"before_migration"'),
    )
}

function restorePoints(): string[] {
  const path = join(backups(), 'state/restore-points.json')
  if (!existsSync(path)) return []
  const points = JSON.parse(readFileSync(path, 'utf8')) as { name: string }[]
  return points.map(({ name }) => name).filter((name) => name.startsWith('before-migration-'))
}

async function apiAnswers(): Promise<boolean> {
  return (await request('/api/health/db')).status === 200
}

it('make up › a backup that fails stops the deploy before anything migrates, and the site goes on', async () => {
  addMigration('of_the_next_version')
  await sql('ALTER ROLE backup NOLOGIN')

  const refused = up()

  await expect(refused).rejects.toThrow(
    /error: no backup could be taken \(exit code 22\), so that nothing was migrated\nhint: .*make up MIGRATE_WITHOUT_BACKUP=1/,
  )
  expect(await exists('of_the_next_version')).toBe(false)
  expect(takenBeforeMigrations()).toEqual([])
  expect(await apiAnswers()).toBe(true)
})

it('make up › with migrations pending takes a backup and names a restore point first, also after make down', async () => {
  await sql('ALTER ROLE backup LOGIN')
  await compose('down')

  const said = await up()

  expect(said).toContain('migrations up to 0001_of_the_next_version are pending: taking a backup first')
  expect(await exists('of_the_next_version')).toBe(true)
  const [backup, ...others] = takenBeforeMigrations()
  expect(others).toEqual([])
  const manifest = readFileSync(join(backups(), backup ?? '', 'manifest.json'), 'utf8')
  expect(manifest).toContain('"idempotency_keys"')
  expect(manifest).not.toContain('"of_the_next_version"')
  expect(restorePoints()).toEqual([
    expect.stringMatching(/^before-migration-0001_of_the_next_version-\d{8}T\d{6}Z$/),
  ])
})

it('make up › with nothing pending takes none', async () => {
  const [taken, marked] = [takenBeforeMigrations(), restorePoints()]

  const said = await up()

  expect(said).not.toContain('taking a backup')
  expect(takenBeforeMigrations()).toEqual(taken)
  expect(restorePoints()).toEqual(marked)
})

function sleepers(): Promise<string> {
  return sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
}

it('make up MIGRATE_WITHOUT_BACKUP=1 › migrates without one, says so, and the API of before serves meanwhile', async () => {
  const [api, caddy] = [await containerOf('api'), await containerOf('caddy')]
  addMigration('of_the_one_after', 'SELECT pg_sleep(8);--> statement-breakpoint\n')
  await sql('ALTER ROLE backup NOLOGIN')
  const taken = takenBeforeMigrations()

  const started = up({ MIGRATE_WITHOUT_BACKUP: '1' })
  await eventually('the migration at work', async () => (await sleepers()) === '1' || undefined, 100_000)
  expect(await apiAnswers()).toBe(true)
  expect(await sleepers()).toBe('1')
  const said = await started

  expect(said).toContain('MIGRATE_WITHOUT_BACKUP=1: no backup is taken before migrations')
  expect(await exists('of_the_one_after')).toBe(true)
  expect(takenBeforeMigrations()).toEqual(taken)
  expect(await containerOf('caddy')).toBe(caddy)
  // Its image carries the migrations.
  expect(await containerOf('api')).not.toBe(api)
})
