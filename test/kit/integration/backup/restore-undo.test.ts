import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hammer } from './hammer.ts'
import { postgresTools } from './postgres-tools.ts'
import { backedUpNotes, openRestoreStage, tableName, type RestoreStage } from './restore-stage.ts'
import { runCli, until, type Ended } from './run-cli.ts'

const beforeRestore = [`💾 50% 'q'`, 'tab\there', 'later']

describe.skipIf(postgresTools === undefined)('backup restore-undo', () => {
  let stage: RestoreStage

  const undo = (args: string[] = []): Promise<Ended> =>
    runCli(['restore-undo', ...args], stage.settings('migrator'))

  beforeAll(async () => {
    stage = await openRestoreStage(postgresTools ?? '', { databaseName: 'undone live' })
  })
  afterAll(() => stage.close())
  beforeEach(() => stage.makeLive())
  afterEach(() => stage.dropAll())

  it('brings back what was live before the restore, and keeps what was written since', async () => {
    await stage.restore()
    await stage.inLive('app', (sql) => sql.unsafe(`insert into ${tableName} (note) values ('since')`))

    const ended = await undo()

    expect(ended).toMatchObject({ code: 0 })
    expect(await stage.notes()).toEqual(beforeRestore)
    const [kept = '', ...rest] = await stage.others()
    expect(rest).toEqual([])
    expect(ended.stdout).toContain(`is kept as ${kept}`)
    expect(await stage.notes(kept)).toEqual([...backedUpNotes, 'since'])
  })

  it('twice is a redo', async () => {
    await stage.restore()

    expect([(await undo()).code, (await undo()).code]).toEqual([0, 0])

    expect(await stage.notes()).toEqual(backedUpNotes)
    expect(await stage.others()).toHaveLength(1)
  })

  it('shows what it would do and changes nothing with --dry-run', async () => {
    await stage.restore()
    const [kept = ''] = await stage.others()

    const ended = await undo(['--dry-run'])

    expect(ended.stdout).toMatch(
      new RegExp(`^brings back  ${kept} \\([\\d.]+ MiB, set aside \\d+ s ago\\)\n`),
    )
    expect(ended.stdout).toContain('replaces     database undone live')
    expect(await stage.notes()).toEqual(backedUpNotes)
  })

  it('prints the database alone with --porcelain, and the plan in words beside it', async () => {
    await stage.restore()

    const ended = await undo(['--dry-run', '--porcelain'])

    expect(ended.stdout).toBe('database=undone live')
    expect(ended.stderr).toContain('replaces     database undone live')
    expect(await undo(['--porcelain'])).toMatchObject({ code: 2 })
  })

  it('says that there is nothing to go back to', async () => {
    const ended = await undo()

    expect(ended).toMatchObject({
      code: 53,
      stderr: expect.stringContaining('nothing to go back to') as string,
    })
    expect(await stage.notes()).toEqual(beforeRestore)
  })

  it('cuts busy sessions, which come back by themselves', async () => {
    await stage.restore()
    const busy = Array.from({ length: 20 }, () => hammer(stage.url('app')))
    await until('all get answers', () => busy.every((each) => each.answers() > 0))

    const ended = await undo()
    const before = busy.map((each) => each.answers())
    await until('all get answers again', () => busy.every((each, n) => each.answers() > (before[n] ?? 0)))
    await Promise.all(busy.map((each) => each.stop()))

    expect(ended).toMatchObject({ code: 0 })
    expect(await stage.notes()).toEqual(beforeRestore)
  })

  it('works when the restored database was dropped', async () => {
    await stage.restore()
    await stage.admin.unsafe(`drop database ${stage.quoted} with (force)`)

    const ended = await undo()

    expect(ended).toMatchObject({ code: 0 })
    expect(await stage.notes()).toEqual(beforeRestore)
    expect(await stage.others()).toEqual([])
  })

  it('does not go back to a database that cannot be opened', async () => {
    await stage.restore()
    const [kept = ''] = await stage.others()
    const [row] = await stage.admin<{ oid: number }[]>`
      select oid::int from pg_database where datname = ${kept}`
    await stage.server.stop('SIGINT')
    await rm(join(stage.server.dataFolder, 'base', String(row?.oid), 'pg_filenode.map'))
    await stage.server.start()

    const ended = await undo()

    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be opened') as string })
    expect(await stage.notes()).toEqual(backedUpNotes)
  })
})
