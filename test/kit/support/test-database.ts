import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { inject } from 'vitest'
import type { ApplicationName } from './applications.ts'
import { urlOf, type AnyRole } from './postgres-facts.ts'

export interface TestDatabase {
  name: string
  urlFor: (role: AnyRole) => string
  close: () => Promise<void>
}

interface TestDatabaseOptions {
  /** Whose migrations it has. */
  application?: ApplicationName
  /** Without any migration and grant. */
  empty?: boolean
}

/** CREATE DATABASE copies neither the owner nor the grants on the database itself, which ops/postgres/roles.sql has set. */
export async function ownDatabase(admin: postgres.Sql, name: string): Promise<void> {
  await admin.unsafe(`ALTER DATABASE ${name} OWNER TO owner`)
  await admin.unsafe(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`)
  await admin.unsafe(`GRANT CONNECT ON DATABASE ${name} TO app, backup, monitor`)
}

/** A fresh copy of the migrated template for one test file (or one test); `close` drops it, whoever is still connected. */
export async function createTestDatabase({
  application = 'fixture',
  empty = false,
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const facts = inject('postgres')
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = postgres(urlOf(facts, 'postgres', 'postgres'), { max: 1, onnotice: () => undefined })
  await admin.unsafe(`CREATE DATABASE ${name} TEMPLATE ${empty ? 'template0' : facts.templates[application]}`)
  if (!empty) await ownDatabase(admin, name)
  return {
    name,
    urlFor: (role) => urlOf(facts, role, name),
    close: async () => {
      await admin.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      await admin.end({ timeout: 5 })
    },
  }
}
