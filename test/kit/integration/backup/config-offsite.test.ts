import { execFileSync } from 'node:child_process'
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createConfigCopyJob } from '../../../../src/kit/backup/config-archive/config-copy-job.ts'
import { renderMetrics } from '../../../../src/kit/telemetry/metrics-text.ts'
import { createOffsiteMetrics } from '../../../../src/kit/backup/offsite/offsite-metrics.ts'
import { readJobState } from '../../../../src/kit/backup/jobs/job-state.ts'
import { backupTools } from './backup-tools.ts'
import { openConfigStage, type ConfigStage } from './config-stage.ts'
import { runCli } from './run-cli.ts'
import { openOffsiteStage, type OffsiteStage } from './offsite-stage.ts'

function stringWith(text: string): string {
  return expect.stringContaining(text) as string
}

describe.skipIf(backupTools === undefined)('archives of the configuration off-site', () => {
  let config: ConfigStage
  let offsite: OffsiteStage

  beforeEach(async () => {
    config = await openConfigStage(backupTools ?? '')
    offsite = await openOffsiteStage()
  })
  afterEach(async () => {
    await offsite.close()
    await config.close()
  })

  const here = () => ({ BACKUP_FOLDER: join(config.folder, '..') })
  const copy = (more: Record<string, string> = {}) => offsite.run(['config', 'copy'], { ...here(), ...more })
  const fetch = async (folder: string, name = 'latest') =>
    offsite.run(['config', 'fetch', name], { BACKUP_FOLDER: folder })
  const created = async (): Promise<string> => `${(await config.create()).stdout}.tar.age`
  const known = async (): Promise<string> =>
    readFile(join(config.folder, '../state/config-copies.json'), 'utf8').catch(() => '')
  const tenOlderThan = async (file: string): Promise<string[]> => {
    const sums = await readFile(join(config.folder, `${file}.sha256`), 'utf8')
    const old = Array.from({ length: 10 }, (_, n) => `20200101T00000${n}Z-aaaaaa.tar.age`)
    for (const name of old) {
      await copyFile(join(config.folder, file), join(config.folder, name))
      await writeFile(join(config.folder, `${name}.sha256`), sums.replace(file, name))
    }
    return old
  }
  const copies = async (): Promise<string[]> =>
    (await offsite.storage.objectFiles()).filter((path) => path.includes('.tar.age._S3rver'))
  const metrics = async (): Promise<string> => {
    const read = createOffsiteMetrics(offsite.settings)
    return renderMetrics(await read({ backupsFolder: join(config.folder, '..'), now: new Date() }))
  }

  it('come back on an empty machine as they went, and open with the recovery key', async () => {
    const file = await created()
    expect(await copy()).toMatchObject({ code: 0, stdout: `${file}: copied and read back` })
    const empty = await offsite.emptyFolder()

    expect(await fetch(empty)).toMatchObject({ code: 0, stdout: file })

    const fetched = join(empty, 'config', file)
    expect(await readFile(fetched)).toEqual(await readFile(join(config.folder, file)))
    execFileSync('sha256sum', ['--check', `${file}.sha256`], { cwd: join(empty, 'config') })
    expect(await config.unpack(fetched, config.recovery.identity)).toMatchObject({ code: 0 })
    expect(await known()).toContain(file)
  })

  it('are copied once, and known to be there by the schedule', async () => {
    await created()
    await copy()
    const before = offsite.storage.seen().length

    expect(await copy()).toMatchObject({ code: 0, stdout: 'every archive of the configuration has a copy' })

    const lines = offsite.storage.seen().slice(before)
    expect(lines.filter((line) => line.startsWith('PUT'))).toEqual([])
  })

  it('are kept there as here: the ten newest', { timeout: 120_000 }, async () => {
    const file = await created()
    const [oldest = ''] = await tenOlderThan(file)

    expect(await copy()).toMatchObject({ code: 0 })

    const kept = await copies()
    expect(kept).toHaveLength(10)
    expect(kept.join()).toContain(file)
    expect(kept.join()).not.toContain(oldest)
  })

  it(
    'count as copied when the storage removes nothing, which is said, shown and made up for',
    { timeout: 120_000 },
    async () => {
      const file = await created()
      const [oldest = ''] = await tenOlderThan(file)
      const place = { offsite: offsite.settings, backupsFolder: join(config.folder, '..') }
      const job = createConfigCopyJob(place)
      offsite.storage.answer(/^DELETE /, 403, 'AccessDenied')

      const refused = await copy()

      expect(refused).toMatchObject({
        code: 56,
        stdout: stringWith(`${file}: copied and read back`),
        stderr: stringWith('what has expired off-site could not be removed'),
      })
      expect(refused.stderr).toContain('hint: let the key delete in this bucket')
      expect(await copies()).toHaveLength(11)
      expect(await readJobState(place.backupsFolder, 'config_copy')).toMatchObject({ failures: 0 })
      expect(await metrics()).toContain('backup_offsite_prune_failed{kind="config"} 1')
      expect(await metrics()).toContain('backup_offsite_prune_failed{kind="portable"} 0')
      expect(await job.isDue(new Date(), undefined)).toBe(false)

      offsite.storage.heal()
      expect(await job.isDue(new Date(Date.now() + 3_600_000), undefined)).toBe(true)
      expect(await job.run(new AbortController().signal)).toEqual({
        copied: [],
        pruned: [oldest],
        prune_fault: undefined,
      })
      expect(await copies()).toHaveLength(10)
      expect(await metrics()).toContain('backup_offsite_prune_failed{kind="config"} 0')
      expect(await job.isDue(new Date(Date.now() + 3_600_000), undefined)).toBe(false)
    },
  )

  it('are not reported as copied while the storage refuses them, and come again', async () => {
    const file = await created()
    offsite.storage.answer(/^PUT .*config/, 507, 'InsufficientStorage')

    expect(await copy()).toMatchObject({
      code: 56,
      stderr: expect.stringMatching(/^error: .+\nhint: /) as string,
    })
    expect(await known()).toBe('')
    expect(await fetch(await offsite.emptyFolder())).toMatchObject({ code: 53 })
    offsite.storage.heal()
    expect(await copy()).toMatchObject({ code: 0, stdout: stringWith(file) })
  })

  it('that are read back as something else count for nothing', async () => {
    const file = await created()
    const place = join(config.folder, '../../lying')
    await mkdir(place)
    const script = `#!/bin/sh\ncase "$*" in *" cat "*.tar.age) printf x ;; *) exec '${backupTools ?? ''}/rclone' "$@" ;; esac\n`
    await writeFile(join(place, 'rclone'), script)
    await chmod(join(place, 'rclone'), 0o755)

    const ended = await copy({ PATH: `${place}:${offsite.env['PATH'] ?? ''}` })

    expect(ended).toMatchObject({
      code: 56,
      stderr: stringWith(`the copy of ${file} off-site cannot be trusted`),
    })
    expect(await known()).toBe('')
    expect(await fetch(await offsite.emptyFolder())).toMatchObject({ code: 53 })
  })

  it('that were changed there leave nothing behind when they are fetched', async () => {
    await created()
    await copy()
    const object =
      (await offsite.storage.objectFiles()).find((path) => path.includes('.tar.age._S3rver')) ?? ''
    const bytes = await readFile(object)
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1
    await writeFile(object, bytes)
    const empty = await offsite.emptyFolder()

    expect(await fetch(empty)).toMatchObject({ code: 56, stderr: stringWith('cannot be trusted') })
    expect(await readdir(join(empty, 'config'))).toEqual([])
  })

  it('that are damaged here are not copied', async () => {
    const file = await created()
    await writeFile(join(config.folder, file), 'something else')

    expect(await copy()).toMatchObject({ code: 50 })
    expect(await offsite.storage.objectFiles()).toEqual([])
  })

  it('need a storage to be configured', async () => {
    const settings = { DATABASE_URL: 'postgres://nobody@localhost/none', ...here() }

    expect(await runCli(['config', 'fetch'], settings)).toMatchObject({
      code: 56,
      stderr: stringWith('no off-site storage is configured'),
    })
  })
})
