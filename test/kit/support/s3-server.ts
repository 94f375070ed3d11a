import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createCertificate } from './certificate.ts'
import { freePort } from './free-port.ts'
import { openS3Front, type S3Faults } from './s3-front.ts'
import { startCommand } from './s3-start-command.ts'
import { until } from './until.ts'

export interface S3Server extends S3Faults {
  endpoint: string
  bucket: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  /** The authority of its certificate. */
  caFile: string
  /** Paths of the files that hold the objects' bytes, for a test that flips some of them. */
  objectFiles: () => Promise<string[]>
  /** Keys of uploads that were neither completed nor taken back. */
  unfinishedUploads: () => Promise<string[]>
  /** As a program leaves one that began then and was killed. */
  leaveUpload: (key: string, begunAt: Date) => Promise<void>
  /** The bucket is not there any more, with all that is in it, until it is brought back. */
  hideBucket: () => Promise<void>
  showBucket: () => Promise<void>
  /** Kills the process of the server, as a crash would. */
  kill: () => Promise<void>
  start: () => Promise<void>
  close: () => Promise<void>
}

interface S3Options {
  /** Folder of the programs of backups, from test/kit/support/install-backup-tools.sh. */
  tools: string
  /** Where it listens: 127.0.0.1, or an address that containers reach. */
  host?: string
}

const bucket = 'backups'
function isObject(path: string): boolean {
  return path.endsWith('._S3rver_object')
}

/** A real S3 server in a process of its own, behind TLS with an authority of its own and faults on demand. */
export async function openS3Server({ tools, host = '127.0.0.1' }: S3Options): Promise<S3Server> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-s3-'))
  const uploads = join(home, 'objects', bucket, '._S3rver_uploads')
  const port = await freePort()
  let child: ChildProcess | undefined
  let said = ''
  const start = async (): Promise<void> => {
    const main = join(tools, '../s3/node_modules/@20minutes/s3rver/lib/cli')
    const place = ['-d', join(home, 'objects'), '-a', '127.0.0.1', '-p', String(port)]
    const args = ['-e', startCommand, main, ...place, '--no-vhost-buckets', '--configure-bucket', bucket]
    const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    child = started
    for (const stream of [started.stdout, started.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-10_000)))
    said = ''
    await until('the S3 server listens', () => said.includes('listening'), { explain: () => said })
  }
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  const { key, cert } = createCertificate(['DNS:localhost', 'IP:127.0.0.1', `IP:${host}`])
  await writeFile(join(home, 'ca.pem'), cert)
  await start()
  const front = await openS3Front({ key, cert }, host, port)
  return {
    ...front.faults,
    endpoint: `https://${host}:${front.port}`,
    bucket,
    region: 'us-east-1',
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    caFile: join(home, 'ca.pem'),
    objectFiles: async () => {
      const names = await readdir(join(home, 'objects'), { recursive: true })
      return names.filter(isObject).map((name) => join(home, 'objects', name))
    },
    unfinishedUploads: async () => {
      const ids = await readdir(uploads).catch(() => [])
      return (await Promise.all(ids.map((id) => readFile(join(uploads, id, 'key'), 'utf8')))).sort()
    },
    leaveUpload: async (key, begunAt) => {
      const file = join(uploads, randomUUID(), 'key')
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, key)
      await utimes(file, begunAt, begunAt)
    },
    hideBucket: () => rename(join(home, 'objects', bucket), join(home, 'hidden')),
    showBucket: () => rename(join(home, 'hidden'), join(home, 'objects', bucket)),
    kill,
    start,
    close: async () => {
      front.close()
      await kill()
      await rm(home, { recursive: true, force: true })
    },
  }
}
