import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sqlFiles } from '../../../../../src/kit/migrate/check/find-new-files.ts'
import { lintFiles } from '../../../../../src/kit/migrate/lint/lint-files.ts'

const first = `
import { bigint, boolean, check, index, integer, jsonb, pgEnum, pgMaterializedView, pgPolicy, pgSchema, pgSequence, pgTable, pgView, primaryKey, serial, text, timestamp, unique, uniqueIndex, uuid, varchar } from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'
export const mood = pgEnum('mood', ['sad', 'ok'])
export const numbers = pgSequence('numbers', { startWith: 100 })
export const trade = pgSchema('trade')
export const users = pgTable('users', {
  id: serial().primaryKey(),
  name: varchar({ length: 80 }).notNull(),
  mood: mood().default('ok').notNull(),
  at: timestamp().defaultNow(),
}, (t) => [uniqueIndex('users_name_idx').on(t.name), check('users_name_check', sql\`\${t.name} <> ''\`)])
export const trips = trade.table('trips', {
  id: uuid().primaryKey().defaultRandom(),
  number: bigint({ mode: 'number' }).generatedAlwaysAsIdentity(),
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  days: jsonb().default([]).notNull(),
  slug: text().generatedAlwaysAs(sql\`lower('x')\`).unique(),
}, (t) => [index('trips_user_idx').on(t.userId), unique('trips_key').on(t.userId, t.number)])
export const secrets = pgTable('secrets', { a: integer(), b: boolean() }, (t) => [primaryKey({ columns: [t.a, t.b] }), pgPolicy('p', { using: sql\`true\` })])
export const active = pgView('active').as((qb) => qb.select().from(users))
export const busy = pgMaterializedView('busy').as((qb) => qb.select({ id: users.id }).from(users))
`
const addColumns = first
  .replace("['sad', 'ok']", "['sad', 'calm', 'ok']")
  .replace('at: timestamp()', 'bio: text(), tags: text().array().notNull().default([]), at: timestamp()')

const binary = fileURLToPath(new URL('./bin.cjs', import.meta.resolve('drizzle-kit')))
let root: string
let out: string

function generate(schema: string): void {
  writeFileSync(join(root, 'schema.ts'), schema)
  const args = [
    'generate',
    '--dialect=postgresql',
    '--schema',
    relative('.', join(root, 'schema.ts')),
    '--out',
    relative('.', out),
  ]
  execFileSync(process.execPath, [binary, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
}

beforeAll(() => {
  mkdirSync('node_modules/.cache', { recursive: true })
  root = mkdtempSync('node_modules/.cache/slipway-lint-')
  out = join(root, 'migrations')
  generate(first)
  generate(addColumns)
}, 60_000)

afterAll(() => rmSync(root, { recursive: true }))

describe('linter', () => {
  test('is silent on what drizzle-kit generates for new tables, columns and enum values', async () => {
    const names = readdirSync(out).filter((name) => name.endsWith('.sql'))

    const findings = await lintFiles(out, names)

    const text = names.map((name) => readFileSync(join(out, name), 'utf8')).join('\n')
    expect(text).toMatch(/ADD VALUE 'calm'[\s\S]*ADD COLUMN "tags"/)
    expect(findings).toEqual([])
  })

  test('is silent on the migrations of this repository', async () => {
    expect(await lintFiles('migrations', sqlFiles('migrations'))).toEqual([])
  })
})
