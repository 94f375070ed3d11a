import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import postgres, { type Sql } from 'postgres'
import { provisionRoles, type LoginRole } from '../../../src/kit/postgres/provision-roles.ts'
import { migrateDatabase } from '../support/migrate-database.ts'

const rolesFile = new URL('../../../ops/postgres/roles.sql', import.meta.url)

export function secret(): string {
  return randomBytes(16).toString('hex')
}

export type Role = LoginRole | 'postgres'

/** Passwords by role; the database is always `drill`. */
export type Passwords = Record<Role, string>

export function urlFor(passwords: Passwords, role: Role, port: number, host = '127.0.0.1'): string {
  return `postgres://${role}:${passwords[role]}@${host}:${port}/drill`
}

async function withSuperuser(url: string, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** A fresh server gets what production has: a database, the roles, the migrations; and a table for the pool's writers. */
export async function provision(port: number, superuserPassword: string): Promise<Passwords> {
  const passwords: Passwords = {
    postgres: superuserPassword,
    migrator: secret(),
    app: secret(),
    backup: secret(),
    monitor: secret(),
  }
  const url = urlFor(passwords, 'postgres', port)
  await withSuperuser(url.replace(/drill$/, 'postgres'), (sql) => sql.unsafe('create database drill'))
  await withSuperuser(url, async (sql) => provisionRoles(sql, await readFile(rolesFile, 'utf8'), passwords))
  await migrateDatabase(urlFor(passwords, 'migrator', port))
  await withSuperuser(url, async (sql) => {
    await sql`create table drill_marks (run text not null, write int not null, part int not null)`
    await sql`grant insert on drill_marks to app`
  })
  return passwords
}
