import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { postgresTools } from './postgres-tools.ts'
import { backedUpNotes, openRestoreStage, type RestoreStage } from './restore-stage.ts'

describe.skipIf(postgresTools === undefined)('backup restore without a healthy database', () => {
  let stage: RestoreStage

  const grants = () =>
    stage.inLive(
      'postgres',
      (sql) =>
        sql`select grantee::regrole::text as role, privilege_type as privilege
        from pg_database, aclexplode(datacl) where datname = current_database() order by 1, 2`,
    )
  /** Its files, as a disk that fails would take them. */
  const breakLive = async (): Promise<void> => {
    const [row] = await stage.admin<{ oid: number }[]>`
      select oid::int from pg_database where datname = ${stage.databaseName}`
    await stage.admin`checkpoint`
    await stage.server.stop('SIGINT')
    await rm(join(stage.server.dataFolder, 'base', String(row?.oid), 'pg_filenode.map'))
    await stage.server.start()
  }

  beforeAll(async () => {
    stage = await openRestoreStage(postgresTools ?? '', { databaseName: 'lost live' })
  })
  afterAll(() => stage.close())
  afterEach(() => stage.dropAll())

  it('makes the database that is not there, and lets in who may', async () => {
    const plan = await stage.restore(['--dry-run'])
    const ended = await stage.restore()

    expect(plan.stdout).toContain('makes     database lost live, which is not there')
    expect(ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('there was no former database to keep') as string,
    })
    expect(await stage.notes()).toEqual(backedUpNotes)
    expect(await stage.others()).toEqual([])
    const [owner] = await stage.inLive(
      'app',
      (sql) =>
        sql`select pg_get_userbyid(datdba) as name from pg_database where datname = current_database()`,
    )
    expect(owner).toMatchObject({ name: 'owner' })
    expect(await grants()).toEqual(
      expect.arrayContaining([
        { role: 'app', privilege: 'CONNECT' },
        { role: 'backup', privilege: 'CONNECT' },
        { role: 'monitor', privilege: 'CONNECT' },
      ]),
    )
    expect(await grants()).not.toContainEqual(expect.objectContaining({ role: '-' }))
  })

  it('replaces one whose files are damaged, and keeps them', async () => {
    await stage.makeLive()
    const before = await grants()
    await breakLive()

    const plan = await stage.restore(['--dry-run'])
    const ended = await stage.restore()

    expect(plan.stdout).toContain('CANNOT BE OPENED')
    expect(ended).toMatchObject({ code: 0 })
    expect(await stage.notes()).toEqual(backedUpNotes)
    expect(await stage.others()).toEqual([expect.stringMatching(/^lost live_before_/)])
    expect(await grants()).toEqual(before)
  })

  it('fills one that is empty, as on a new server', async () => {
    await stage.server.createDatabase(stage.databaseName)

    const ended = await stage.restore()

    expect(ended).toMatchObject({ code: 0 })
    expect(await stage.notes()).toEqual(backedUpNotes)
  })

  it('leaves a missing database missing when it fails', async () => {
    const ended = await stage.restore(['--data-free-bytes', '1000'])

    expect(ended).toMatchObject({ code: 51 })
    expect(await stage.others()).toEqual([])
  })
})
