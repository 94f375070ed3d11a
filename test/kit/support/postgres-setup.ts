import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { provisionRoles, type RolePasswords } from '../../../src/kit/postgres/provision-roles.ts'
import { openContainerPostgres, whyNoContainer } from './container-postgres.ts'
import { openEmbeddedPostgres, type TestServer } from './embedded-postgres.ts'
import type { ApplicationName } from './applications.ts'
import { migrateDatabase } from './migrate-database.ts'
import { urlOf, type PostgresFacts } from './postgres-facts.ts'
import { randomPassword } from './random-password.ts'

const rolesFile = new URL('../../../ops/postgres/roles.sql', import.meta.url)

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function openServer(password: string): Promise<{ server: TestServer; kind: PostgresFacts['kind'] }> {
  const wanted = process.env['TEST_POSTGRES'] ?? 'auto'
  if (!['auto', 'container', 'embedded'].includes(wanted)) {
    throw new Error(`TEST_POSTGRES: expected auto, container or embedded (got ${wanted})`)
  }
  const reason = wanted === 'embedded' ? 'TEST_POSTGRES=embedded' : await whyNoContainer()
  if (reason === undefined) return { server: await openContainerPostgres(password), kind: 'container' }
  if (wanted === 'container') throw new Error(`TEST_POSTGRES=container, but ${reason}`)
  say(`integration tests run on the embedded PostgreSQL from npm: ${reason}`)
  return { server: await openEmbeddedPostgres(password), kind: 'embedded' }
}

async function createTemplate(facts: PostgresFacts, application: ApplicationName): Promise<void> {
  const template = facts.templates[application]
  const admin = postgres(urlOf(facts, 'postgres', 'postgres'), { max: 1, onnotice: () => undefined })
  await admin.unsafe(`CREATE DATABASE ${template}`)
  await admin.end({ timeout: 5 })
  const owner = postgres(urlOf(facts, 'postgres', template), {
    max: 1,
    onnotice: () => undefined,
  })
  await provisionRoles(owner, await readFile(rolesFile, 'utf8'), facts.rolePasswords)
  await owner.end({ timeout: 5 })
  await migrateDatabase(urlOf(facts, 'migrator', template), application)
}

function templateName(): string {
  return `template_${randomBytes(4).toString('hex')}`
}

function rolePasswords(): RolePasswords {
  return {
    migrator: randomPassword(),
    app: randomPassword(),
    backup: randomPassword(),
    monitor: randomPassword(),
  }
}

/** One real PostgreSQL per run, with a migrated template of each application that test files copy. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const superuserPassword = randomPassword()
  const { server, kind } = await openServer(superuserPassword)
  try {
    const facts: PostgresFacts = {
      kind,
      host: server.host,
      port: server.port,
      superuserPassword,
      rolePasswords: rolePasswords(),
      templates: { mounted: templateName(), fixture: templateName() },
    }
    await createTemplate(facts, 'mounted')
    await createTemplate(facts, 'fixture')
    project.provide('postgres', facts)
    return () => server.close()
  } catch (err) {
    await server.close()
    throw err
  }
}
