import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { until } from '../../support/until.ts'
import { archiveNow } from '../../integration/continuous/archive-now.ts'
import { emptyFolder, openArchivedServer, type ArchivedServer } from '../../integration/continuous/archived-server.ts'
import { readRestored } from '../../integration/continuous/read-restored.ts'
import { killProcessesIn, processesIn } from '../processes-in.ts'
import type { Random } from '../random.ts'
import type { BackupRow } from './backup-row.ts'

type Ending = Pick<BackupRow, 'ended' | 'lookedGood'> & { stderr: string }

export interface ArchiveFault {
  name: string
  isRandom?: boolean
  expected: string
  sentence?: RegExp
  run: (server: ArchivedServer, random: Random) => Promise<Ending>
}

async function rowsIn(sql: Sql): Promise<number[]> {
return (await sql<{ i: number }[]>`select i from ticks order by i`).map(({ i }) => i)
}

async function ask<T>(server: ArchivedServer, question: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = server.connect()
  try {
    return await question(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** A row after the other until `isOver`, or until the server is gone. */
async function write(server: ArchivedServer, isOver: () => boolean): Promise<void> {
  const sql = server.connect()
  try {
    while (!isOver()) {
      await sql`insert into ticks default values`
      await wait(10)
    }
  } catch (err) {
    if (!isOver()) throw err
  } finally {
    await sql.end({ timeout: 0 })
  }
}

/** While rows are written, `breakIt` runs. */
async function underWrites(server: ArchivedServer, breakIt: () => Promise<void>): Promise<void> {
  let isOver = false
  const writing = write(server, () => isOver)
  await breakIt().finally(() => (isOver = true))
  await writing
}

/** The archive has to hold every row that the server holds, whatever became of the processes that fill it. */
async function compareArchive(server: ArchivedServer): Promise<Ending> {
  const live = await ask(server, async (sql) => {
    await archiveNow(server, sql)
    return rowsIn(sql)
  })
  const folder = await emptyFolder(server, 'restored')
  const { code, stderr } = await server.backup(['moment', '--at', 'latest'], { BACKUP_DATA_FOLDER: folder })
  const restored = code === 0 ? await readRestored(server, folder, rowsIn) : live
  return { ended: [String(code)], stderr, lookedGood: restored.join() === live.join() ? 0 : 1 }
}

function isArchiver(pid: number): boolean {
  try {
    return /pgbackrest\0.*\0archive-push/s.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
  } catch {
    return false
  }
}

function killArchiver({ home }: ArchivedServer): number {
  const found = processesIn(home).filter(isArchiver)
  for (const pid of found) process.kill(pid, 'SIGKILL')
  return found.length
}

const kills = 3

/** Each segment that is ended starts the archiver anew. */
const killArchivers: ArchiveFault['run'] = async (server, random) => {
  await underWrites(server, async () => {
    for (let killed = 0; killed < kills; ) {
      await ask(server, (sql) => sql`select pg_switch_wal()`)
      await wait(random.between(0, 150))
      killed += Math.sign(killArchiver(server))
    }
  })
  return compareArchive(server)
}

const killServer: ArchiveFault['run'] = async (server, random) => {
  await underWrites(server, async () => {
    await ask(server, (sql) => sql`select pg_switch_wal()`)
    await wait(random.between(0, 1_000))
  })
  const before = await ask(server, rowsIn)
  await server.stop('SIGKILL')
  // With all its children, as when a container ends: one that waits for its archive command would keep the next one out.
  await until('nothing of the server is left', () => killProcessesIn(server.dataFolder) === 0)
  await server.start()
  const after = await ask(server, rowsIn)
  if (after.join() !== before.join()) throw new Error('the server itself has lost rows')
  return compareArchive(server)
}

const killRestore: ArchiveFault['run'] = async (server, random) => {
  const folder = await emptyFolder(server, 'killed')
  const child = server.spawnBackup(['moment', '--at', 'latest'], { BACKUP_DATA_FOLDER: folder })
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  await wait(random.between(200, 2_500))
  child.kill('SIGKILL')
  const [code, signal] = await ended
  const { lookedGood } = await compareArchive(server)
  return { ended: [signal ?? String(code)], stderr: '', lookedGood }
}

const otherKey: ArchiveFault['run'] = async (server) => {
  const folder = await emptyFolder(server, 'restored')
  const { code, stderr } = await server.backup(['moment', '--at', 'latest'], {
    ARCHIVE_SECRETS: await server.otherKey(),
    BACKUP_DATA_FOLDER: folder,
  })
  return { ended: [String(code)], stderr, lookedGood: code === 0 ? 1 : 0 }
}

export const archiveFaults: readonly ArchiveFault[] = [
  { name: 'archiving: pgBackRest killed (-9)', isRandom: true, expected: '0', run: killArchivers },
  { name: 'archiving: server killed (-9)', isRandom: true, expected: '0', run: killServer },
  { name: 'restore to a moment killed (-9)', isRandom: true, expected: 'SIGKILL', run: killRestore },
  {
    name: 'restore to a moment with the wrong key',
    expected: '55',
    sentence: /^error: repo1 of the archive cannot be read with this key\nhint: /m,
    run: otherKey,
  },
]

export async function openArchive(): Promise<ArchivedServer> {
  const server = await openArchivedServer()
  await ask(server, (sql) => sql`create table ticks (i int generated always as identity)`)
  const base = await server.backup(['base', '--full'])
  if (base.code !== 0) throw new Error(base.stderr)
  return server
}

/** The live rows may only have become more. */
export async function runArchiveFault(
  server: ArchivedServer,
  fault: ArchiveFault,
  random: Random,): Promise<BackupRow> {
  const before = await ask(server, rowsIn)
  const { ended, lookedGood, stderr } = await fault.run(server, random)
  const after = await ask(server, rowsIn)
  const isSaid = fault.sentence === undefined || fault.sentence.test(stderr)
  return {
    fault: fault.name,
    runs: 1,
    lookedGood,
    liveChanged: after.slice(0, before.length).join() === before.join() ? 0 : 1,
    ended,
    expected: fault.expected,
    wrongSentences: isSaid ? 0 : 1,
    wrongMetrics: undefined,
  }
}
