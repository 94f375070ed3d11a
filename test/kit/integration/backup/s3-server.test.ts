import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openS3Server, type S3Server } from '../../support/s3-server.ts'
import { backupTools } from './backup-tools.ts'

/** The tests of off-site copies believe what this server does: so it is tested by a client of others. */
describe.skipIf(backupTools === undefined)('the S3 server of the tests', () => {
  let server: S3Server
  let folder: string

  /** Not spawnSync: the front of the server answers in this very process. */
  const rclone = async (args: string[], secret = server.secretAccessKey) => {
    const place = {
      PROVIDER: 'Other',
      ENDPOINT: server.endpoint,
      REGION: server.region,
      FORCE_PATH_STYLE: 'true',
    }
    const keys = { ACCESS_KEY_ID: server.accessKeyId, SECRET_ACCESS_KEY: secret }
    const settings = Object.entries({ TYPE: 's3', ...place, ...keys })
    const env = Object.fromEntries(settings.map(([key, value]) => [`RCLONE_CONFIG_S3_${key}`, value]))
    const limits = ['--retries', '1', '--low-level-retries', '1', '--timeout', '2s']
    const all = [...args, '--config', '', '--ca-cert', server.caFile, ...limits]
    const child = spawn(join(backupTools ?? '', 'rclone'), all, { env })
    const [[code], stdout, stderr] = await Promise.all([
      once(child, 'close') as Promise<[number | null]>,
      buffer(child.stdout),
      text(child.stderr),
    ])
    return { code, stdout, stderr }
  }
  const put = (name: string) => rclone(['copyto', join(folder, 'file'), `s3:${server.bucket}/${name}`])

  beforeAll(async () => {
    server = await openS3Server({ tools: backupTools ?? '' })
    folder = await mkdtemp(join(tmpdir(), 'slipway-s3-test-'))
    await writeFile(join(folder, 'file'), Buffer.alloc(3_000_000, 'x'))
  })
  afterAll(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('gives back what it was given, after a crash too', async () => {
    expect(await put('a/b')).toMatchObject({ code: 0 })
    await server.kill()
    expect((await rclone(['cat', `s3:${server.bucket}/a/b`])).code).not.toBe(0)
    await server.start()

    const { stdout } = await rclone(['cat', `s3:${server.bucket}/a/b`])
    expect(stdout.equals(await readFile(join(folder, 'file')))).toBe(true)
  })

  it('refuses a wrong key', async () => {
    const { stderr } = await rclone(['lsf', `s3:${server.bucket}`], 'wrong')

    expect(stderr).toContain('SignatureDoesNotMatch')
  })

  it('fails as it is told, and heals', async () => {
    server.answer(/^PUT/, 507, 'QuotaExceeded')
    expect((await put('full')).stderr).toContain('QuotaExceeded')
    server.heal()
    server.cutAfter(1_000_000)
    expect((await put('cut')).code).not.toBe(0)
    server.heal()

    expect(await put('whole')).toMatchObject({ code: 0 })
    // Unlike Amazon's, it keeps what came of an upload that was cut: whoever copies has to find that.
    const { stdout } = await rclone(['lsf', '--format=ps', `s3:${server.bucket}`])
    expect(stdout.toString()).not.toContain('full')
    expect(stdout.toString()).not.toContain('cut;3000000')
  })
})
