import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RestoreNames } from '../../../../src/kit/backup/restore/database-names.ts'
import { withRestoreSessions } from '../../../../src/kit/backup/restore/restore-sessions.ts'
import { swapDatabases } from '../../../../src/kit/backup/restore/swap-databases.ts'
import { hammer } from './hammer.ts'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli, startCli, until } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'
import { databaseSettings } from '../../support/pool-settings.ts'

const lockTimeoutMs = 10_000

describe.skipIf(postgresTools === undefined)('swap of two databases', () => {
  let server: ToolsServer
  let folder: string

  const settings = () => ({ ...databaseSettings, url: server.urlFor('migrator', 'live') })
  const swap = (names: RestoreNames): Promise<void> =>
    withRestoreSessions({ database: settings(), lockTimeoutMs }, 'exclusive', async (sessions) => {
      await sessions.leaveLive()
      await swapDatabases(sessions, names)
    })
  const mark = async (database: string): Promise<string> => {
    const sql = openClient(server.urlFor('app', database))
    try {
      const [row] = await sql<{ text: string }[]>`select text from mark`
      return row?.text ?? ''
    } finally {
      await sql.end({ timeout: 5 })
    }
  }
  const setMark = async (database: string, text: string): Promise<void> => {
    const sql = openClient(server.urlFor('migrator', database))
    await sql.unsafe('create table if not exists mark (text text)')
    await sql.unsafe('delete from mark')
    await sql`insert into mark values (${text})`
    await sql.end({ timeout: 5 })
  }

  beforeAll(async () => {
    server = await openToolsServer(postgresTools ?? '')
    folder = await mkdtemp(join(tmpdir(), 'slipway-swap-'))
    await server.createDatabase('live')
    await server.createDatabase('fresh')
    await setMark('live', 'old')
    await setMark('fresh', 'new')
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
    await server.close()
  })

  it('changes neither name when the second one cannot be given', async () => {
    const swapping = swap({ live: 'live', fresh: 'not there', previous: 'before' })

    await expect(swapping).rejects.toMatchObject({ code: '3D000' })
    expect(await mark('live')).toBe('old')
  })

  it('gives up, with the live database open, when a session may not be cut', async () => {
    const superuser = openClient(server.urlFor('postgres', 'live'))
    await superuser`select 1`

    const swapping = swap({ live: 'live', fresh: 'fresh', previous: 'before' })
    await expect(swapping).rejects.toMatchObject({ exit: 'busy' })
    await superuser.end()

    expect(await mark('live')).toBe('old')
    expect(await mark('fresh')).toBe('new')
  })

  it('says which right is missing when it may not cut sessions', async () => {
    const admin = openClient(server.urlFor('postgres', 'postgres'))
    await admin`revoke pg_signal_backend from migrator`
    const client = openClient(server.urlFor('app', 'live'))
    await client`select 1`

    const swapping = swap({ live: 'live', fresh: 'fresh', previous: 'before' })
    await expect(swapping).rejects.toMatchObject({
      hint: expect.stringContaining('GRANT pg_signal_backend TO migrator') as string,
    })

    await client.end()
    await admin`grant pg_signal_backend to migrator`
    await admin.end()
    expect(await mark('live')).toBe('old')
  })

  it('keeps a client that never stops out for less than a second', async () => {
    const client = hammer(server.urlFor('app', 'live'))
    await until('it gets answers', () => client.answers() > 10)

    await swap({ live: 'live', fresh: 'fresh', previous: 'before' })
    const answersBefore = client.answers()
    await until('it gets answers again', () => client.answers() > answersBefore + 10)
    await client.stop()

    expect(await mark('live')).toBe('new')
    expect(await mark('before')).toBe('old')
    expect(client.longestGapMs()).toBeLessThan(1_000)
  })

  it('leaves a live database, old or new, whenever the restore is killed', async () => {
    const env = (role: 'backup' | 'migrator') => ({
      DATABASE_URL: server.urlFor(role, 'live'),
      BACKUP_FOLDER: folder,
      BACKUP_PG_BIN: server.tools,
      TMPDIR: folder,
    })
    await setMark('live', 'backed up')
    expect(await runCli(['create'], env('backup'))).toMatchObject({ code: 0 })
    await setMark('live', 'changed')

    for (let round = 0; round < 8; round += 1) {
      const { child, ended } = startCli(['restore', '--from', 'latest'], env('migrator'))
      // Not a wait for something: the moment of the kill is what varies, and any moment has to do.
      await pause(450 + Math.random() * 700)
      child.kill('SIGKILL')
      await ended

      expect(['changed', 'backed up']).toContain(await mark('live'))
    }
  })
})
