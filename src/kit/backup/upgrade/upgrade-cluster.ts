import { performance } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import type { DisposableServer } from '../../postgres/disposable-server.ts'
import { withLibpqCredentials } from '../../postgres/libpq-credentials.ts'
import { maintenanceDatabase } from '../restore/restore-sessions.ts'
import { runProgram } from '../../postgres/run-program.ts'
import { withSession, type Session } from '../../postgres/session.ts'
import { copyDatabase, type CopiedDatabase } from './copy-database.ts'
import { copyRoles } from './copy-roles.ts'
import { copySettings } from './copy-settings.ts'
import { readNewServer, superuserSession, withNewServer } from './open-new-server.ts'
import { refuseMissingExtensions, refuseUpgrade } from './refuse-upgrade.ts'
import { settleCluster } from './settle-cluster.ts'
import { readUpgradeFacts, type UpgradeFacts } from './upgrade-facts.ts'
import { discardUpgrade, sweepUpgrade, type UpgradePlace } from './upgrade-place.ts'
import type { UpgradeSettings } from './upgrade-settings.ts'

export interface Upgraded {
  oldVersion: string
  newVersion: string
  databases: CopiedDatabase[]
  analyzeMs: number
  settleMs: number
  staysBehind: string[]
  /** Parts that the new server rejected, as sentences. */
  leftToDo: string[]
}

interface Work {
  settings: UpgradeSettings
  facts: UpgradeFacts
  /** Session in the maintenance database of the old server. */
  old: Session
  server: DisposableServer
  place: UpgradePlace
}

/** Repeats the check as superuser: the first one ran as a role with fewer rights. */
async function refuseBefore({ settings, facts, server, place }: Work, to: number): Promise<string> {
  const newServer = await withSession(superuserSession(server, settings), (session) =>
    readNewServer(session, place),
  )
  refuseUpgrade(to, facts, newServer)
  for (const { name } of facts.databases) {
    const { lockTimeoutMs, signal, old } = settings
    const wanted = await withSession(
      { settings: old, database: name, lockTimeoutMs, signal },
      (session) => session<{ name: string }[]>`select extname as name from pg_extension`,
    )
    refuseMissingExtensions(
      wanted.map((extension) => extension.name),
      newServer,
    )
  }
  return newServer.version
}

async function copyAllRoles({ settings, old, server }: Work): Promise<void> {
  const { programs, signal } = settings
  const [first] = await old<
    { name: string }[]
  >`select quote_ident(rolname) as name from pg_roles where oid = 10`
  const to = { PGHOST: server.sockets, PGUSER: 'postgres' }
  await withLibpqCredentials(settings.old, (from) =>
    copyRoles({ programs, from, to, signal }, first?.name ?? 'postgres'),
  )
}

/** A dump contains no statistics; without them the first queries scan whole tables. */
async function buildStatistics({ settings, server }: Work): Promise<number> {
  const begin = performance.now()
  const { programs, jobs, signal } = settings
  const environment = { PGHOST: server.sockets, PGUSER: 'postgres' }
  const args = ['--all', '--analyze-only', `--jobs=${jobs}`, '--quiet', '--no-password']
  await runProgram({ programs, name: 'vacuumdb', args, environment, signal }, text)
  return Math.round(performance.now() - begin)
}

async function fillNewServer(work: Work, to: number): Promise<Omit<Upgraded, 'settleMs'>> {
  const { settings, facts, old, server, place } = work
  const newVersion = await refuseBefore(work, to)
  settings.say('roles     with their passwords, memberships and settings')
  await copyAllRoles(work)
  const databases: CopiedDatabase[] = []
  for (const database of facts.databases)
    databases.push(await copyDatabase(settings, server, place.dumps, database))
  settings.say('analyze   statistics of every table')
  const analyzeMs = await buildStatistics(work)
  const leftToDo = await withSession(superuserSession(server, settings), (session) =>
    copySettings(old, session),
  )
  const { serverVersion: oldVersion, staysBehind } = facts
  return { oldVersion, newVersion, databases, analyzeMs, staysBehind, leftToDo }
}

/**
 * Creates a cluster of the new major in the empty folder, copies all content of the old server, and
 * compares both. Only reads the old server. Throws CommandError; the folder then contains no cluster.
 */
export async function upgradeCluster(settings: UpgradeSettings, to: number): Promise<Upgraded> {
  const { old, lockTimeoutMs, signal, folder } = settings
  await sweepUpgrade(folder)
  try {
    const facts = await withSession({ settings: old, lockTimeoutMs, signal }, (session) =>
      readUpgradeFacts(session, null),
    )
    const opened = { settings: old, database: maintenanceDatabase, lockTimeoutMs, signal }
    return await withSession(opened, async (session) => {
      const filled = await withNewServer(settings, facts, async (server, place) => ({
        place,
        ...(await fillNewServer({ settings, facts, old: session, server, place }, to)),
      }))
      const { place, ...rest } = filled
      settings.say('check     every page of the new cluster')
      const begin = performance.now()
      await settleCluster(folder, place, settings.programs)
      return { ...rest, settleMs: Math.round(performance.now() - begin) }
    })
  } catch (err) {
    await discardUpgrade(folder)
    throw err
  }
}
