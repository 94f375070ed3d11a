import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backupTools } from './backup-tools.ts'
import { openOffsiteStage, type OffsiteStage } from './offsite-stage.ts'

describe.skipIf(backupTools === undefined)('backup offsite', () => {
  let stage: OffsiteStage

  beforeEach(async () => {
    stage = await openOffsiteStage()
  })
  afterEach(() => stage.close())

  const note = (name: string): Promise<string> => readFile(join(stage.folder, name, 'offsite.json'), 'utf8')

  it('copies what has no copy, reads it back, and says so once', async () => {
    const name = await stage.makeBackup()

    const first = await stage.run(['offsite', 'copy'])
    const second = await stage.run(['offsite', 'copy'])

    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${name}: copied and read back`) as string,
    })
    expect(JSON.parse(await note(name))).toMatchObject({ place: `${stage.storage.endpoint}/backups/ship` })
    expect((await stage.run(['list'])).stdout).toMatch(new RegExp(`^${name} .* here, offsite$`, 'm'))
    expect(second).toMatchObject({ code: 0, stdout: 'every backup has a copy that was read back' })
  })

  it('sends the manifest last, so that what is cut off never looks like a copy', async () => {
    const name = await stage.makeBackup()

    await stage.run(['offsite', 'copy'])

    const sent = stage.storage.seen().filter((line) => line.startsWith('PUT'))
    expect(sent.map((line) => line.split('?')[0]?.split('/').at(-1))).toEqual([
      'database.dump',
      'globals.sql',
      'SHA256SUMS',
      'manifest.json',
    ])
    expect(sent[0]).toContain(`/backups/ship/portable/${name}/`)
  })

  it('brings a copy to an empty machine, byte for byte', async () => {
    const name = await stage.makeBackup()
    await stage.run(['offsite', 'copy'])
    const other = await stage.emptyFolder()

    const fetched = await stage.run(['offsite', 'fetch', 'latest'], { BACKUP_FOLDER: other })

    expect(fetched).toMatchObject({ code: 0, stdout: name })
    for (const file of ['database.dump', 'globals.sql', 'manifest.json', 'SHA256SUMS']) {
      const [here, there] = await Promise.all(
        [stage.folder, other].map((folder) => readFile(join(folder, name, file))),
      )
      expect(there?.equals(here ?? Buffer.alloc(0))).toBe(true)
    }
    expect((await stage.run(['list'], { BACKUP_FOLDER: other })).stdout).toMatch(/here, offsite$/m)
  })

  it('leaves a backup that is here already as it is, and refuses to write over a damaged one', async () => {
    const name = await stage.makeBackup()
    await stage.run(['offsite', 'copy'])

    expect(await stage.run(['offsite', 'fetch', name])).toMatchObject({ code: 0, stdout: name })
    await writeFile(join(stage.folder, name, 'globals.sql'), 'something else')
    expect(await stage.run(['offsite', 'fetch', name])).toMatchObject({
      code: 54,
      stderr: expect.stringContaining(`backup ${name} is here already, and damaged`) as string,
    })
  })

  it('says what is not there', async () => {
    expect(await stage.run(['offsite', 'fetch', 'latest'])).toMatchObject({
      code: 53,
      stderr: expect.stringContaining('there is no copy off-site yet') as string,
    })
    expect(await stage.run(['offsite', 'fetch', '20261122T031500Z-a1b2c3'])).toMatchObject({ code: 53 })
    expect(await readdir(stage.folder)).toEqual([])
  })

  it('does not copy a backup that is damaged here, and goes on with the others', async () => {
    const older = await stage.makeBackup({ at: new Date(Date.now() - 3_600_000) })
    const name = await stage.makeBackup()
    const dump = join(stage.folder, name, 'database.dump')
    const content = await readFile(dump)
    content[1_000] = (content[1_000] ?? 0) ^ 1
    await writeFile(dump, content)

    expect(await stage.run(['offsite', 'copy'])).toMatchObject({ code: 50 })
    expect(stage.storage.seen().filter((line) => line.startsWith('PUT'))).toEqual([])
    await expect(note(name)).rejects.toThrow('ENOENT')
    expect(await stage.run(['offsite', 'copy'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(older) as string,
    })
    expect((await stage.run(['list'])).stdout).toMatch(new RegExp(`^${name} .*DAMAGED +here$`, 'm'))
  })

  describe('with a limit for the line', { timeout: 60_000 }, () => {
    const took = async (args: string[], more: Record<string, string>): Promise<number> => {
      const begin = Date.now()
      expect(await stage.run(['offsite', ...args], more)).toMatchObject({ code: 0 })
      return Date.now() - begin
    }

    it('takes no more for a copy, and all of it for a fetch', async () => {
      const limit = { OFFSITE_BANDWIDTH_KIB_PER_SECOND: '512' }
      const name = await stage.makeBackup({ bytes: 3 * 1024 * 1024 })

      const limitedMs = await took(['copy'], limit)
      const unlimitedMs = await took(['copy'], { OFFSITE_S3_PREFIX: 'elsewhere' })
      const fetchMs = await took(['fetch', name], { ...limit, BACKUP_FOLDER: await stage.emptyFolder() })

      // 3 MiB there and 3 MiB back.
      expect(limitedMs).toBeGreaterThan(11_000)
      expect(unlimitedMs).toBeLessThan(limitedMs / 2)
      expect(fetchMs).toBeLessThan(limitedMs / 3)
    })

    it('takes no more for a large file, which goes in parts', async () => {
      await stage.makeBackup({ bytes: 20 * 1024 * 1024 })

      expect(await took(['copy'], { OFFSITE_BANDWIDTH_KIB_PER_SECOND: '4096' })).toBeGreaterThan(9_000)
    })
  })

  it('refuses half of the settings, and works without any', async () => {
    const half = { OFFSITE_S3_BUCKET: '', OFFSITE_S3_SECRET_ACCESS_KEY_FILE: '' }
    const none = { ...half, OFFSITE_S3_ENDPOINT: '', OFFSITE_S3_ACCESS_KEY_ID_FILE: '' }

    const refused = await stage.run(['list'], half)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain(
      'OFFSITE_S3_BUCKET: not set although OFFSITE_S3_ENDPOINT and OFFSITE_S3_ACCESS_KEY_ID are',
    )
    expect(await stage.run(['list'], none)).toMatchObject({ code: 0 })
    expect(await stage.run(['offsite', 'copy'], none)).toMatchObject({
      code: 56,
      stderr: expect.stringContaining('no off-site storage is configured') as string,
    })
  })
})
