import { access, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCopyJob } from '../../../../src/kit/backup/offsite/copy-job.ts'
import { createOffsiteMetrics } from '../../../../src/kit/backup/offsite/offsite-metrics.ts'
import { renderMetrics } from '../../../../src/kit/telemetry/metrics-text.ts'
import { backupTools } from './backup-tools.ts'
import { openOffsiteStage, type OffsiteStage } from './offsite-stage.ts'

const keepFew = {
  BACKUP_KEEP_HOURLY: '0',
  BACKUP_KEEP_DAILY: '0',
  BACKUP_KEEP_WEEKLY: '0',
  BACKUP_KEEP_MONTHLY: '0',
}
const none = { hourly: 0, daily: 0, weekly: 0, monthly: 0 }
function hoursAgo(hours: number): Date {
  return new Date(Date.now() - hours * 3_600_000)
}

// Each call is a process of its own, with programs of its own.
describe.skipIf(backupTools === undefined)('copies off-site', { timeout: 90_000 }, () => {
  let stage: OffsiteStage

  beforeEach(async () => {
    stage = await openOffsiteStage()
  })
  afterEach(() => stage.close())

  const copy = (more: Record<string, string> = {}) => stage.run(['offsite', 'copy'], more)
  const listed = async (): Promise<string[]> =>
    (await stage.run(['offsite', 'list'])).stdout
      .split('\n')
      .flatMap((line) => /^\d\S+/.exec(line)?.[0] ?? [])
  const flip = async (name: string, file: string): Promise<void> => {
    const path = (await stage.storage.objectFiles()).find((each) => each.includes(`${name}/${file}`)) ?? ''
    const content = await readFile(path)
    content[100] = (content[100] ?? 0) ^ 1
    await writeFile(path, content)
  }
  const metrics = async (): Promise<string> =>
    renderMetrics(
      await createOffsiteMetrics(stage.settings)({ backupsFolder: stage.folder, now: new Date() }),
    )

  describe('of which one has a flipped bit', () => {
    it('are found by a check, removed, and made anew from the backup that is here', async () => {
      const name = await stage.makeBackup()
      await copy()
      expect(await stage.run(['offsite', 'check'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`${name}: every byte is what was sent`) as string,
      })
      await flip(name, 'database.dump')

      const checked = await stage.run(['offsite', 'check'])

      expect(checked).toMatchObject({
        code: 56,
        stdout: expect.stringContaining('database.dump has other bytes than were sent') as string,
      })
      expect(await listed()).toEqual([])
      expect((await stage.run(['list'])).stdout).not.toContain('offsite')
      expect(await metrics()).toContain('backup_offsite_stored{state="damaged"} 1')
      expect(await copy()).toMatchObject({ code: 0 })
      expect(await stage.run(['offsite', 'check', name])).toMatchObject({ code: 0 })
      expect(await metrics()).toContain('backup_offsite_stored{state="damaged"} 0')
    })

    it.each(['database.dump', 'globals.sql', 'manifest.json', 'SHA256SUMS'])(
      'are not fetched when it is in %s',
      async (file) => {
        const name = await stage.makeBackup()
        await copy()
        await flip(name, file)
        const other = await stage.emptyFolder()

        const fetched = await stage.run(['offsite', 'fetch', name], { BACKUP_FOLDER: other })

        expect(fetched).toMatchObject({
          code: 56,
          stderr: expect.stringContaining('cannot be trusted') as string,
        })
        await expect(access(join(other, name))).rejects.toThrow('ENOENT')
      },
    )

    it('are not reported as copied, and sent anew by the next run', async () => {
      const name = await stage.makeBackup()
      await copy()
      // As a run leaves it that ended between the last file and the read-back.
      await rm(join(stage.folder, name, 'offsite.json'))
      await flip(name, 'database.dump')

      expect(await copy()).toMatchObject({
        code: 56,
        stdout: '',
        stderr: expect.stringContaining('database.dump has other bytes than were sent') as string,
      })
      expect((await stage.run(['list'])).stdout).not.toContain('offsite')
      expect(await copy()).toMatchObject({ code: 0 })
    })
  })

  it('are removed by the same counts as the backups, never below three, never the newest that is proven', async () => {
    const names = []
    for (const hours of [6, 5, 4]) names.push(await stage.makeBackup({ at: hoursAgo(hours) }))
    const [proven = '', second = '', third = ''] = names
    const proof = {
      ok: true,
      provenAt: new Date().toISOString(),
      kind: 'portable',
      subject: proven,
      rtoSeconds: 1,
      rpoSeconds: 1,
      comparedTables: 1,
      report: 'reports/x.md',
    }
    await writeFile(join(stage.folder, proven, 'proof.json'), JSON.stringify(proof))
    await copy(keepFew)
    expect(await listed()).toEqual([third, second, proven])
    for (const hours of [3, 2]) names.push(await stage.makeBackup({ at: hoursAgo(hours) }))

    expect(await copy(keepFew)).toMatchObject({ code: 0 })

    expect(await listed()).toEqual([names[4], names[3], third, proven])
    expect((await stage.run(['offsite', 'list'])).stdout).toMatch(new RegExp(`^${proven} .* yes$`, 'm'))
  })

  it('count as made when the storage removes nothing, which is said, shown and made up for', async () => {
    const names: string[] = []
    for (const hours of [7, 6, 5, 4]) names.push(await stage.makeBackup({ at: hoursAgo(hours) }))
    await copy()
    const newest = await stage.makeBackup({ at: hoursAgo(3) })
    const job = createCopyJob({ offsite: stage.settings, backupsFolder: stage.folder }, none)
    const { signal } = new AbortController()
    stage.storage.answer(/^DELETE /, 403, 'AccessDenied')

    const refused = await copy(keepFew)

    expect(refused).toMatchObject({
      code: 56,
      stdout: expect.stringContaining(`${newest}: copied and read back`) as string,
      stderr: expect.stringContaining('what has expired off-site could not be removed') as string,
    })
    expect(refused.stderr).toContain('hint: let the key delete in this bucket')
    expect(await listed()).toEqual([newest, ...names.toReversed()])
    expect((await stage.run(['list'])).stdout).toMatch(new RegExp(`^${newest} .* here, offsite$`, 'm'))
    expect(await metrics()).toContain('backup_offsite_prune_failed{kind="portable"} 1')
    expect(await job.isDue(new Date(), undefined)).toBe(false)

    const later = await stage.makeBackup({ at: hoursAgo(2) })
    expect(await job.run(signal)).toMatchObject({
      copied: [{ name: later }],
      pruned: [],
      prune_fault: expect.stringContaining('could not be removed') as string,
    })
    stage.storage.heal()
    await stage.makeBackup({ at: hoursAgo(1) })
    expect(await job.run(signal)).toMatchObject({ pruned: names, prune_fault: undefined })
    expect(await metrics()).toContain('backup_offsite_prune_failed{kind="portable"} 0')
  })

  it('of which some were removed before the storage refused are not taken for kept', async () => {
    const names: string[] = []
    for (const hours of [6, 5, 4, 3]) names.push(await stage.makeBackup({ at: hoursAgo(hours) }))
    const [oldest = '', locked = ''] = names
    await copy()
    names.push(await stage.makeBackup({ at: hoursAgo(2) }))
    stage.storage.answer(new RegExp(`^DELETE .*${locked}`), 403, 'AccessDenied')

    expect(await copy(keepFew)).toMatchObject({ code: 56 })

    expect(await listed()).toEqual(names.slice(1).toReversed())
    expect(await metrics()).toContain('backup_offsite_stored{state="intact"} 4')
    expect(await readFile(join(stage.folder, 'state/offsite.json'), 'utf8')).not.toContain(oldest)
  })

  it('are all kept while the newest of them is damaged', async () => {
    const names = []
    for (const hours of [6, 5, 4, 3]) names.push(await stage.makeBackup({ at: hoursAgo(hours) }))
    await copy()
    const newest = names[3] ?? ''
    // Not here any more, so that it cannot be sent anew.
    await rm(join(stage.folder, newest), { recursive: true })
    await flip(newest, 'database.dump')
    expect(await stage.run(['offsite', 'check', newest])).toMatchObject({ code: 56 })

    await rm(join(stage.folder, names[2] ?? '', 'offsite.json'))
    expect(await copy(keepFew)).toMatchObject({ code: 0 })

    expect(await listed()).toEqual(names.toReversed())
    expect(await metrics()).toContain('backup_offsite_stored{state="damaged"} 1')
  })

  it('are made by the schedule one at a time, the newest first, and shown as metrics', async () => {
    const job = createCopyJob({ offsite: stage.settings, backupsFolder: stage.folder }, none)
    const { signal } = new AbortController()
    const older = await stage.makeBackup({ at: hoursAgo(2) })
    const newer = await stage.makeBackup({ at: hoursAgo(1) })
    expect(await metrics()).toContain('backup_offsite_stored{state="intact"} 0')
    expect(await metrics()).not.toContain('backup_offsite_newest_timestamp_seconds')

    expect(await job.isDue(new Date(), undefined)).toBe(true)
    expect(await job.run(signal)).toMatchObject({ copied: [{ name: newer }] })
    expect(await job.isDue(new Date(), undefined)).toBe(true)
    expect(await job.run(signal)).toMatchObject({ copied: [{ name: older }] })

    expect(await job.isDue(new Date(), undefined)).toBe(false)
    const [, value] = /^backup_offsite_newest_timestamp_seconds (\S+)$/m.exec(await metrics()) ?? []
    expect(Math.abs(Number(value) - hoursAgo(1).getTime() / 1_000)).toBeLessThan(60)
  })

  it('of which one was not read for a month are read again by the schedule', async () => {
    const job = createCopyJob({ offsite: stage.settings, backupsFolder: stage.folder }, none)
    const { signal } = new AbortController()
    const name = await stage.makeBackup({ at: hoursAgo(2) })
    await job.run(signal)
    const file = join(stage.folder, 'state/offsite.json')
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace(/"readAt": "[^"]*"/, '"readAt": "2026-01-01T00:00:00Z"'),
    )
    await flip(name, 'globals.sql')

    await expect(job.run(signal)).rejects.toThrow('1 of 1 copies off-site are not what was sent')
    expect(await metrics()).toContain('backup_offsite_stored{state="damaged"} 1')
    expect(await job.run(signal)).toMatchObject({ copied: [{ name }], checked: [] })
  })

  it('that were cut off make room once their backup is gone from here', async () => {
    const gone = await stage.makeBackup({ at: hoursAgo(2), bytes: 3_000_000 })
    stage.storage.cutAfter(3_000_200)
    expect((await copy()).code).toBe(56)
    stage.storage.heal()
    expect(await listed()).toEqual([gone])
    await rm(join(stage.folder, gone), { recursive: true })
    const name = await stage.makeBackup()

    expect(await copy()).toMatchObject({ code: 0 })

    expect(await listed()).toEqual([name])
  })

  it('are made anew when somebody has emptied the bucket, and in a new bucket', async () => {
    const name = await stage.makeBackup({ at: hoursAgo(1) })
    await copy()
    for (const file of await stage.storage.objectFiles()) if (file.includes(name)) await rm(file)
    await stage.makeBackup()

    expect(await copy()).toMatchObject({ code: 0 })
    expect(await listed()).toHaveLength(2)
    expect(await copy({ OFFSITE_S3_PREFIX: 'another/place' })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(name) as string,
    })
  })
})
