import { bigserial, pgSchema, pgTable, serial, text } from 'drizzle-orm/pg-core'
import postgres, { type Sql } from 'postgres'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { missingPrivileges, usedTables } from '../../../../src/kit/db/app-privileges.ts'
import { loadUsedTables } from '../../../../src/kit/bin/process/mounted-application.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'

const shop = pgSchema('shop')
const orders = shop.table('orders', { id: serial(), note: text() })
const ships = pgTable('ships', { id: bigserial({ mode: 'number' }), name: text() })
const rolesSql = new URL('../../../../ops/postgres/roles.sql', import.meta.url)

describe('what the code uses and the role app may', () => {
  let database: TestDatabase
  let superuser: Sql
  let migrator: Sql
  let app: Sql

  const missing = (narrowed = {}) => missingPrivileges(app, usedTables({ orders, ships }, narrowed))

  beforeAll(async () => {
    database = await createTestDatabase()
    const open = (role: 'postgres' | 'migrator' | 'app') =>
      postgres(database.urlFor(role), { max: 1, onnotice: () => undefined })
    superuser = open('postgres')
    migrator = open('migrator')
    app = open('app')
  })
  afterAll(async () => {
    await Promise.all([superuser, migrator, app].map((sql) => sql.end({ timeout: 5 })))
    await database.close()
  })
  beforeEach(async () => {
    await superuser`drop schema if exists shop cascade`
    await superuser`drop table if exists public.ships`
    await migrator.unsafe(`create schema shop; create table shop.orders (id serial primary key, note text);
      create table ships (id bigserial primary key, name text)`)
  })

  it('agree after the migrations of this checkout', async () => {
    expect(await missingPrivileges(app, await loadUsedTables())).toEqual([])
  })

  it('agree in a schema that a migration makes, without a grant in it', async () => {
    await app`insert into shop.orders (note) values ('first')`

    expect(await app`select note from shop.orders`).toEqual([{ note: 'first' }])
    expect(await missing()).toEqual([])
    const [row] =
      await superuser`select has_schema_privilege('backup', 'shop', 'usage') and has_table_privilege('backup', 'shop.orders', 'select') as backup,
      has_schema_privilege('monitor', 'shop', 'usage') as monitor`
    expect(row).toEqual({ backup: true, monitor: true })
  })

  it('do not let app write the journal of the migrations', async () => {
    await expect(app`delete from drizzle.__drizzle_migrations`).rejects.toMatchObject({ code: '42501' })
    await expect(app`select nextval('drizzle.__drizzle_migrations_id_seq')`).rejects.toMatchObject({
      code: '42501',
    })
  })

  it.each([
    ['a REVOKE on a table', 'revoke insert on shop.orders from app', 'INSERT on table shop.orders'],
    ['a REVOKE on a schema', 'revoke usage on schema shop from app', 'USAGE on schema shop'],
    ['a sequence', 'revoke all on sequence ships_id_seq from app', 'USAGE on sequence public.ships_id_seq'],
    [
      'row security without a policy',
      'alter table ships enable row level security',
      'a policy on table public.ships, whose row security hides every row',
    ],
    [
      'a column',
      'revoke select on ships from app; grant select (id) on ships to app',
      'SELECT on table public.ships',
    ],
  ])('differ by %s, and say which', async (_, change, what) => {
    await migrator.unsafe(change)

    expect(await missing()).toEqual([what])
  })

  it('differ where another role made the table', async () => {
    await superuser.unsafe('drop table shop.orders; create table shop.orders (id int, note text)')

    expect(await missing()).toEqual(
      ['DELETE', 'INSERT', 'SELECT', 'UPDATE'].map((each) => `${each} on table shop.orders`),
    )
  })

  it('agree where the code says that it wants less, and with a policy for the role', async () => {
    await migrator.unsafe(`revoke update, delete on shop.orders from app;
      alter table ships enable row level security; create policy own on ships to app using (true)`)

    expect(await missing({ 'shop.orders': ['SELECT', 'INSERT'] })).toEqual([])
  })

  it('agree after make roles on what was made before the default privileges, and leave a REVOKE alone', async () => {
    await migrator.unsafe(`alter default privileges revoke all on schemas from app, backup, monitor;
      alter default privileges revoke all on tables from app; alter default privileges revoke all on sequences from app;
      create schema old; create table old.lists (id serial primary key); create table old.secrets (id int); revoke all on old.secrets from app`)
    await superuser.unsafe(await readFile(rolesSql, 'utf8'))

    expect(await app`insert into old.lists default values returning id`).toEqual([{ id: 1 }])
    await expect(app`select from old.secrets`).rejects.toMatchObject({ code: '42501' })
  })
})
