import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { inject } from 'vitest'
import { lintFiles } from '../../../../../src/kit/migrate/lint/lint-files.ts'
import { openSession } from '../../../../../src/kit/migrate/open-session.ts'
import { type MigrationFile, readMigrations } from '../../../../../src/kit/migrate/read-migrations.ts'
import { applyFiles } from '../../../../../src/kit/migrate/rehearse/apply-files.ts'
import { rehearseFile, type FileReport } from '../../../../../src/kit/migrate/rehearse/rehearse-file.ts'
import type { Answer, RequestProbe } from '../../../../../src/kit/migrate/rehearse/request-probe.ts'
import { sessionsOf } from '../../../../../src/kit/migrate/rehearse/sessions.ts'
import { seedTables } from '../../../../../src/kit/migrate/rehearse/seed-tables.ts'
import { openRequestProbe } from '../../../../../src/kit/bin/open-request-probe.ts'
import { mounted } from '../../../fixture/mounted.ts'
import { proof } from '../../../fixture/proof.ts'
import { urlOf } from '../../../support/postgres-facts.ts'
import { createTestDatabase, ownDatabase } from '../../../support/test-database.ts'
import { writeMigrations } from './migration-folder.ts'
import { extraTables } from './rehearsal-cases.ts'

export interface Verdict {
  /** `rule: sentence` of objections that nobody acknowledged. */
  rehearsal: string[]
  report: FileReport
}

export interface RehearsalStage {
  judge: (sql: string) => Promise<Verdict>
  /** Rules that refuse it, by its text alone. */
  lint: (sql: string) => Promise<string[]>
  close: () => Promise<void>
}

const fixture = readFileSync(
  new URL('../../../fixture/migrations/0000_create_auth_and_parcels.sql', import.meta.url),
  'utf8',
)
/** Few connections: several files are judged at the same time. */
const limits = { mostRows: 1_000, longestWaitMs: 20_000, mostConnections: 4 }

/** The fixture's schema and some tables more, with rows; each file is judged on a copy of its own. */
export async function openRehearsalStage(home: string, rows: number): Promise<RehearsalStage> {
  const facts = inject('postgres')
  const database = await createTestDatabase()
  const admin = postgres(database.urlFor('postgres').replace(/[^/]*$/, 'postgres'), {
    max: 1,
    onnotice: () => undefined,
  })
  const urlsOf = (name: string) => ({
    admin: urlOf(facts, 'postgres', name),
    migrator: urlOf(facts, 'migrator', name),
    app: urlOf(facts, 'app', name),
  })
  const base = { '0000_base': fixture, '0001_extra': extraTables }
  const sessions = sessionsOf(urlsOf(database.name))
  const migrator = await openSession(sessions.migrator)
  await applyFiles(migrator, sessions.migrator, [fileOf(home, base, '0001_extra')])
  await migrator.close()
  const seeder = await openSession(sessions.admin)
  const tables = await seedTables(seeder, rows, new Set())
  await seeder.close()
  const answers = await openRequestProbe(urlsOf(database.name).app, proof.requests, mounted).run()
  const judge = async (sql: string): Promise<Verdict> => {
    const folder = join(home, randomBytes(4).toString('hex'))
    const file = fileOf(folder, { ...base, '0002_case': sql }, '0002_case')
    const name = `case_${randomBytes(6).toString('hex')}`
    await admin.unsafe(`CREATE DATABASE ${name} TEMPLATE ${database.name}`)
    await ownDatabase(admin, name)
    try {
      const probe = startingWith(answers, openRequestProbe(urlsOf(name).app, proof.requests, mounted))
      const report = await rehearseFile(sessionsOf(urlsOf(name)), file, tables, limits, probe)
      const open = report.objections.filter(({ acknowledged }) => !acknowledged)
      return {
        rehearsal: open.map(({ rule, sentence }) => `${rule}: ${sentence}`),
        report,
      }
    } finally {
      await admin.unsafe(`DROP DATABASE ${name} WITH (FORCE)`)
    }
  }
  const lint = async (sql: string): Promise<string[]> => {
    const folder = join(home, randomBytes(4).toString('hex'))
    writeMigrations(folder, { ...base, '0002_case': sql })
    const findings = await lintFiles(folder, ['0002_case.sql'])
    return findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)
  }
  return {
    judge,
    lint,
    close: async () => {
      await admin.end({ timeout: 5 })
      await database.close()
    },
  }
}

/** Every copy answers the same before its file. */
function startingWith(answers: Answer[], probe: RequestProbe): RequestProbe {
  let isFirst = true
  return {
    run: () => {
      if (!isFirst) return probe.run()
      isFirst = false
      return Promise.resolve(answers)
    },
  }
}

function fileOf(folder: string, files: Record<string, string>, tag: string): MigrationFile {
  writeMigrations(folder, files)
  const file = readMigrations(folder).find((each) => each.tag === tag)
  if (file === undefined) throw new Error(`no ${tag}`)
  return file
}
