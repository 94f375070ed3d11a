import { randomBytes } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { catalogLines } from '../postgres/catalog-lines.ts'
import { findPathNeeds } from './find-path-needs.ts'
import { fingerprintPath, makeFingerprint, type Fingerprint } from './fingerprint.ts'
import type { Session } from './open-session.ts'
import { readMigrations } from './read-migrations.ts'
import { runMigrations } from './run-migrations.ts'
import type { RunSettings } from './run-settings.ts'
import { withSession } from './with-session.ts'

function urlOf(url: string, database: string): string {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.href
}

async function fingerprintOf(settings: RunSettings): Promise<Fingerprint> {
  await runMigrations(settings)
  return withSession(settings, async (session) =>
    makeFingerprint(
      readMigrations(settings.folder),
      await catalogLines(session),
      await findPathNeeds(session),
    ),
  )
}

async function inScratchDatabase<T>(
  session: Session,
  settings: RunSettings,
  work: (scratch: RunSettings) => Promise<T>,
): Promise<T> {
  const database = `slipway_fingerprint_${randomBytes(4).toString('hex')}`
  await session.run(`create database ${database} template template0`)
  try {
    return await work({ ...settings, url: urlOf(settings.url, database) })
  } finally {
    await session.run(`drop database ${database} with (force)`)
  }
}

/** Runs all files in a scratch database beside that of `url`, whose role must have CREATEDB, and writes the result. */
export async function writeFingerprint(settings: RunSettings): Promise<Fingerprint> {
  const fingerprint = await withSession(settings, (session) =>
    inScratchDatabase(session, settings, fingerprintOf),
  )
  const path = fingerprintPath(settings.folder)
  writeFileSync(`${path}.partial`, `${JSON.stringify(fingerprint, null, 2)}\n`)
  renameSync(`${path}.partial`, path)
  return fingerprint
}
