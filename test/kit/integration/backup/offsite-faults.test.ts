import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCertificate } from '../../support/certificate.ts'
import { until } from '../../support/until.ts'
import { backupTools } from './backup-tools.ts'
import { openOffsiteStage, type OffsiteStage } from './offsite-stage.ts'
import type { Ended } from './run-cli.ts'

/** Only root can mount a small disk. */
const isRoot = process.getuid?.() === 0

/** Arguments and environments of the processes whose environment holds `mark`. */
async function processesWith(mark: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const texts = await Promise.all(
    pids.map(async (pid) => {
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
      return `${await read('cmdline')}\n${await read('environ')}`.replaceAll('\0', ' ')
    }),
  )
  return texts.filter((text) => text.includes(mark))
}

async function pidsWith(command: RegExp): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return pids.filter((_, index) => command.test(lines[index] ?? '')).map(Number)
}

describe.skipIf(backupTools === undefined)('backup offsite, with a fault', () => {
  let stage: OffsiteStage

  beforeEach(async () => {
    stage = await openOffsiteStage()
  })
  afterEach(() => stage.close())

  const copy = (more: Record<string, string> = {}) => stage.run(['offsite', 'copy'], more)
  const copies = async (): Promise<string> => (await stage.run(['list'])).stdout

  /** Exit code 56, a sentence, and nothing anywhere that looks like a copy. */
  const expectNoCopy = async (ended: Ended, sentence: string): Promise<void> => {
    expect(ended).toMatchObject({ code: 56, stdout: '', stderr: expect.stringContaining(sentence) as string })
    expect(ended.stderr).toContain('hint: ')
    expect(await copies()).not.toContain('offsite')
  }

  it('says that the storage is gone, and copies when it is back', async () => {
    const name = await stage.makeBackup()
    await stage.storage.kill()

    await expectNoCopy(await copy(), 'cannot be reached')
    await stage.storage.start()
    expect(await copy()).toMatchObject({ code: 0, stdout: expect.stringContaining(name) as string })
  })

  it('says that nothing listens there', async () => {
    await stage.makeBackup()
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()

    await expectNoCopy(await copy({ OFFSITE_S3_ENDPOINT: `https://127.0.0.1:${port}` }), 'connection refused')
  })

  it('leaves nothing that looks whole when the network is cut in the middle, and goes on from there', async () => {
    const name = await stage.makeBackup({ bytes: 3_000_000 })
    stage.storage.cutAfter(3_000_200)

    await expectNoCopy(await copy(), 'cannot be reached')
    stage.storage.heal()
    expect((await stage.run(['offsite', 'list'])).stdout).toMatch(new RegExp(`^${name} .* NOT WHOLE`, 'm'))
    expect(await stage.run(['offsite', 'fetch', 'latest'])).toMatchObject({ code: 53 })
    expect(await copy()).toMatchObject({ code: 0 })
    expect(await copies()).toContain('here, offsite')
  })

  it('does not report a copy that could be sent and not be read back', async () => {
    await stage.makeBackup({ bytes: 3_000_000 })
    stage.storage.cutAfter(4_000_000)

    await expectNoCopy(await copy(), 'cannot be reached')
    stage.storage.heal()
    expect(await copy()).toMatchObject({ code: 0 })
  })

  it('gives up a frozen storage within the time-outs, and shows the keys to nobody', async () => {
    await stage.makeBackup()
    stage.storage.freeze()
    const begin = Date.now()

    const { ended } = stage.start(['offsite', 'copy'], {
      OFFSITE_TIMEOUT_MS: '1000',
      OFFSITE_S3_PREFIX: 'frozen',
    })
    const seen = await until('rclone runs', async () => {
      const texts = await processesWith('/frozen/')
      return texts.find((text) => text.includes('lsjson'))
    })

    expect(seen).not.toContain(stage.storage.secretAccessKey)
    await expectNoCopy(await ended, 'timeout')
    expect(Date.now() - begin).toBeLessThan(20_000)
  })

  it.each([
    [
      'a wrong key',
      { OFFSITE_S3_SECRET_ACCESS_KEY_FILE: '', OFFSITE_S3_SECRET_ACCESS_KEY: 'wrong' },
      'refuses the key',
    ],
    ['no such bucket', { OFFSITE_S3_BUCKET: 'elsewhere' }, 'has no such bucket'],
  ])('refuses %s', async (_, more, sentence) => {
    await stage.makeBackup()

    await expectNoCopy(await copy(more), sentence)
  })

  it('refuses a certificate that nobody it knows has signed', async () => {
    await stage.makeBackup()
    const stranger = join(stage.folder, '../stranger.pem')
    await writeFile(stranger, createCertificate(['DNS:localhost']).cert)

    await expectNoCopy(await copy({ OFFSITE_S3_CA_FILE: stranger }), 'is not trusted')
  })

  it('says that the storage is full', async () => {
    await stage.makeBackup()
    stage.storage.answer(/^PUT .*globals/, 507, 'QuotaExceeded')

    await expectNoCopy(await copy(), 'QuotaExceeded')
  })

  it('goes on after kill -9 in the middle of a copy', async () => {
    const name = await stage.makeBackup({ bytes: 3_000_000 })
    stage.storage.stallAfter(2_000_000)
    const { child, ended } = stage.start(['offsite', 'copy'])
    await until('the dump is on its way', () => stage.storage.seen().some((line) => line.startsWith('PUT')))
    child.kill('SIGKILL')
    await ended

    expect(await copies()).not.toContain('offsite')
    stage.storage.heal()
    expect(await copy()).toMatchObject({ code: 0, stdout: expect.stringContaining(name) as string })
  })

  it('takes back what was under way of a large file when all of it was killed, and nothing of others', async () => {
    await stage.makeBackup({ bytes: 30_000_000 })
    stage.storage.stallAfter(20_000_000)
    const { child, ended } = stage.start(['offsite', 'copy'], {
      OFFSITE_S3_PREFIX: 'killed',
      OFFSITE_TIMEOUT_MS: '60000',
    })
    await until('parts are on their way', () =>
      stage.storage.seen().some((line) => line.startsWith('PUT') && line.includes('partNumber=2')),
    )
    child.kill('SIGKILL')
    await ended
    for (const pid of await pidsWith(/rclone.*:backups\/killed\//)) process.kill(pid, 'SIGKILL')
    stage.storage.heal()
    expect(await stage.storage.unfinishedUploads()).toHaveLength(1)
    const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * 3_600_000)
    await stage.storage.leaveUpload('killed/continuous/old', hoursAgo(25))
    await stage.storage.leaveUpload('killed/continuous/under-way', hoursAgo(23))
    await stage.storage.leaveUpload('of-somebody-else/old', hoursAgo(25))

    expect(await copy({ OFFSITE_S3_PREFIX: 'killed' })).toMatchObject({ code: 0 })

    expect(await stage.storage.unfinishedUploads()).toEqual([
      'killed/continuous/under-way',
      'of-somebody-else/old',
    ])
  })

  it('asks nothing of a storage that cannot list unfinished uploads', async () => {
    await stage.makeBackup()
    stage.storage.answer(/^GET .*[?&]uploads/, 501, 'NotImplemented')

    expect(await copy()).toMatchObject({ code: 0, stderr: '' })
  })

  it('refuses a second one at the same time', async () => {
    await stage.makeBackup()
    stage.storage.freeze()
    const first = stage.start(['offsite', 'copy'])
    await until('the storage is asked', () => stage.storage.seen().length > 0)

    expect(await copy()).toMatchObject({ code: 20 })
    stage.storage.heal()
    first.child.kill('SIGTERM')
    expect(await first.ended).toMatchObject({ code: 143 })
  })

  it.skipIf(!isRoot)('fetches nothing onto a disk that is full', async () => {
    const name = await stage.makeBackup({ bytes: 3_000_000 })
    await copy()
    const other = await stage.emptyFolder()
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', other]).status).toBe(0)
    try {
      expect(await stage.run(['offsite', 'fetch', name], { BACKUP_FOLDER: other })).toMatchObject({
        code: 51,
      })
      expect(await readdir(other)).toEqual([])
    } finally {
      spawnSync('umount', [other])
    }
  })

  it('leaves nothing of a fetch that was cut off', async () => {
    const name = await stage.makeBackup({ bytes: 3_000_000 })
    await copy()
    const other = await stage.emptyFolder()
    stage.storage.cutAfter(1_000_000)

    expect(await stage.run(['offsite', 'fetch', name], { BACKUP_FOLDER: other })).toMatchObject({ code: 56 })
    expect(await readdir(other)).toEqual([])
  })
})
