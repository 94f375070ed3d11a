import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { backupTools } from '../integration/backup/backup-tools.ts'
import { freePort } from '../support/free-port.ts'
import { removeStack } from '../support/remove-stack.ts'
import { openS3Server, type S3Server } from '../support/s3-server.ts'
import { compose, eventually, request, sql, stack, useStack } from '../support/stack.ts'

const run = promisify(execFile)

const person = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery staple' }
const afterBackup = { ...person, email: 'after-backup@example.com' }
const afterMoment = { ...person, email: 'after-moment@example.com' }
async function post(path: string, body: object) {
  return (await request(path, { method: 'POST', body })).status
}
function signUp(body: object) {
  return post('/api/auth/sign-up/email', body)
}
function signIn(body: object) {
  return post('/api/auth/sign-in/email', body)
}
function rows() {
  return sql(`SELECT count(*), md5(string_agg(t::text, '|' ORDER BY id)) FROM "user" t`)
}

/** Until all that was written by now is in every repository of the archive. */
async function archiveAll(): Promise<void> {
  const segment = await sql('SELECT pg_walfile_name(pg_switch_wal())')
  const isArchived = `SELECT last_archived_wal >= '${segment}' FROM pg_stat_archiver`
  await eventually(
    `${segment} in the archive`,
    async () => (await sql(isArchived)) === 't' || undefined,
    90_000,
  )
}

interface Listing {
  continuous: { repositories: { name: string; full: unknown }[] }
}

/** Until the schedule has taken a base backup into the bucket: from then on moments can be had from there. */
function baseOffsite(): Promise<unknown> {
  return eventually(
    'a base backup off-site',
    async () => {
      const said = await compose('exec', '-T', 'backup', 'node', 'backup.js', 'list', '--json')
      const { repositories } = (JSON.parse(said) as Listing).continuous
      return repositories.find(({ name }) => name === 'repo2')?.full ?? undefined
    },
    120_000,
  )
}

describe.skipIf(backupTools === undefined)('a machine that is lost', () => {
  let work: string
  let storage: S3Server
  let root: string
  let project: string
  let httpsPort: number
  let second = ''
  let moment: string
  const onStick = (file: string): string => join(work, file)

  /** What a clone holds: the files of this checkout that git knows, and nothing that was made in it. */
  const clone = (name: string): string => {
    const folder = join(work, name)
    mkdirSync(folder)
    const listed = 'git ls-files -z --cached --others --exclude-standard'
    const script = `${listed} | tar --null --files-from=- --create | tar --extract --directory="$0"`
    execFileSync('bash', ['-euo', 'pipefail', '-c', script, folder], { cwd: root })
    return folder
  }

  /** In a checkout, as a user types it; the names keep this test apart from a stack of the developer's. */
  const type = async (folder: string, command: string): Promise<string> => {
    // Never in a checkout of somebody else's.
    if (!folder.startsWith(join(work, '/'))) throw new Error(`no machine of this test (got ${folder})`)
    // A restore of data asks before it replaces the database.
    const answer = command.startsWith('make restore ') ? { YES: '1' } : {}
    const env = { ...process.env, COMPOSE_PROJECT_NAME: project, ...answer }
    const options = { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 }
    const { stdout, stderr } = await run('bash', ['-c', command], options)
    return stdout + stderr
  }

  const use = (folder: string): void =>
    useStack({ ...stack(), root: folder, folder, project, envFile: join(folder, '.env'), httpsPort })

  const storageLines = (caFile: string): string[] => [
    `OFFSITE_S3_ENDPOINT=${storage.endpoint}`,
    `OFFSITE_S3_BUCKET=${storage.bucket}`,
    'OFFSITE_S3_PREFIX=ship',
    `OFFSITE_S3_CA_FILE=${caFile}`,
  ]

  const writeSettings = async (folder: string): Promise<void> => {
    const outer = readFileSync(stack().envFile, 'utf8').split('\n')
    const lines = [
      readFileSync(join(root, '.env.example'), 'utf8'),
      ...outer.filter((line) => /^[A-Z_]+_IMAGE=|^POSTGRES_VERSION=/.test(line)),
      `COMPOSE_PROJECT_NAME=${project}`,
      'BIND_ADDRESS=127.0.0.1',
      `PUBLIC_HTTP_PORT=${await freePort()}`,
      `PUBLIC_HTTPS_PORT=${httpsPort}`,
      `PROMETHEUS_PORT=${await freePort()}`,
      `PUBLIC_URL=https://localhost:${httpsPort}`,
      ...storageLines('./secrets/s3-ca.pem'),
      'EGRESS_INTERNAL=false',
    ]
    writeFileSync(join(folder, '.env'), `${lines.join('\n')}\n`, { mode: 0o600 })
    for (const reader of ['db', 'backup']) {
      const place = join(folder, 'secrets', reader)
      mkdirSync(place, { recursive: true, mode: 0o700 })
      writeFileSync(join(place, 'offsite_access_key_id'), storage.accessKeyId, { mode: 0o400 })
      writeFileSync(join(place, 'offsite_secret_access_key'), storage.secretAccessKey, { mode: 0o400 })
    }
    copyFileSync(storage.caFile, join(folder, 'secrets/s3-ca.pem'))
  }

  /** What is kept away from the machine, and nothing else. */
  const writeStick = (recoveryKey: string): void => {
    copyFileSync(storage.caFile, onStick('s3-ca.pem'))
    writeFileSync(onStick('recovery.key'), `${recoveryKey}\n`, { mode: 0o600 })
    const lines = [
      ...storageLines(onStick('s3-ca.pem')),
      `OFFSITE_S3_ACCESS_KEY_ID=${storage.accessKeyId}`,
      `OFFSITE_S3_SECRET_ACCESS_KEY=${storage.secretAccessKey}`,
    ]
    writeFileSync(onStick('s3.env'), `${lines.join('\n')}\n`, { mode: 0o600 })
  }

  /** Commands of the guide in their order; only the places of the stick and the moment are of this test. */
  const guideCommands = (): string[] => {
    const guide = readFileSync(join(root, 'docs/how-to/rebuild-after-a-disaster.md'), 'utf8')
    const blocks = [...guide.matchAll(/```console\n([^]*?)```/g)].map(([, block = '']) => block)
    return blocks
      .flatMap((block) => [...block.matchAll(/^ *\$ (.*)$/gm)].map(([, command = '']) => command))
      .map((command) => command.replace('/media/stick', work).replace(/AT="[^"]+"/, `AT="${moment}"`))
  }

  /** An empty machine has none either. */
  const removeImages = (): void => {
    const args = ['images', '--quiet', '--filter', `reference=${project}/*`]
    const ids = new Set(execFileSync('docker', args, { encoding: 'utf8' }).split('\n').filter(Boolean))
    if (ids.size > 0) execFileSync('docker', ['rmi', '--force', ...ids], { stdio: 'ignore' })
  }

  beforeAll(async () => {
    root = stack().root
    work = mkdtempSync(join(tmpdir(), 'slipway-disaster-'))
    project = `slipway-test-lost-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`
    removeStack({ project, folder: join(work, 'nothing') })
    const format = '{{(index .IPAM.Config 0).Gateway}}'
    const gateway = execFileSync('docker', ['network', 'inspect', 'bridge', '--format', format], {
      encoding: 'utf8',
    })
    storage = await openS3Server({ tools: backupTools ?? '', host: gateway.trim() })
    httpsPort = await freePort()
  })
  afterAll(async () => {
    removeStack({ project, folder: join(work, 'nothing') })
    removeImages()
    await storage.close()
    rmSync(work, { recursive: true, force: true })
  })

  it(
    'is rebuilt on an empty one from off-site storage alone, by the commands of the guide',
    { timeout: 900_000 },
    async () => {
      const first = clone('first')
      await writeSettings(first)
      const said = await type(first, 'make up')
      use(first)
      expect(await signUp(person)).toBe(200)
      const before = await rows()
      await type(first, 'make backup && make backup-config')
      const backup = ['exec', '-T', 'backup', 'node', 'backup.js']
      await compose(...backup, 'offsite', 'copy')
      await compose(...backup, 'config', 'copy')
      await baseOffsite()
      expect(await signUp(afterBackup)).toBe(200)
      moment = await sql('SELECT clock_timestamp()')
      expect(await signUp(afterMoment)).toBe(200)
      await archiveAll()
      writeStick(/AGE-SECRET-KEY-1\w+/.exec(said)?.[0] ?? '')

      removeStack({ project, folder: first })
      removeImages()
      second = clone('second')
      const left = ['first', 'second/.env', 'second/secrets', 'second/backups/config'].filter((path) =>
        existsSync(join(work, path)),
      )
      expect(left).toEqual([])
      const commands = guideCommands().filter((command) => !command.includes('AT='))
      use(second)
      for (const command of commands) await type(second, command)

      const verbs = commands.map((command) => command.split(' ')[1])
      expect(verbs).toEqual(['fetch-config', 'restore-config', 'up', 'restore', 'backup', 'verify-backup'])
      expect(await rows()).toBe(before)
      // Over TLS that only the authority of the first machine vouches for: Caddy's data is back as well.
      expect([await signIn(person), await signIn(afterBackup)]).toEqual([200, 401])
    },
  )

  it(
    'gives back what came after its newest backup too, out of the archive in the bucket',
    { timeout: 300_000 },
    async () => {
      const [command = ''] = guideCommands().filter((each) => each.includes('AT='))

      await type(second, command)

      expect([await signIn(person), await signIn(afterBackup), await signIn(afterMoment)]).toEqual([
        200, 200, 401,
      ])
    },
  )
})
