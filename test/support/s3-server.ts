import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificate } from './certificate.ts'
import { freePort } from './free-port.ts'
import { openS3Front, sentPathHeader, type S3Faults } from './s3-front.ts'
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
  /** The bucket is not there any more, with all that is in it, until it is brought back. */
  hideBucket: () => Promise<void>
  showBucket: () => Promise<void>
  /** Kills the process of the server, as a crash would. */
  kill: () => Promise<void>
  start: () => Promise<void>
  close: () => Promise<void>
}

interface S3Options {
  /** Folder of the programs of backups, from test/support/install-backup-tools.sh. */
  tools: string
  /** Where it listens: 127.0.0.1, or an address that containers reach. */
  host?: string
}

const bucket = 'backups'
/**
 * A client signs the path that it sends. This server signs the one that it understood, without the slash at the end of a
 * bucket, and so refuses every listing of pgBackRest: it gets the path as it was, from the front. And it leaves folders out of a
 * listing that hold nothing but folders, as those of an archive's histories do: it lists all, and we group.
 */
const startCommand = `
  const signature = require(process.argv[1] + '/../signature/v4')
  const { getStringToSign } = signature
  signature.getStringToSign = (request, how) =>
    getStringToSign({ ...request, uri: request.headers['${sentPathHeader}'] ?? request.uri }, how)
  const { prototype } = require(process.argv[1] + '/../stores/filesystem')
  const { listObjects } = prototype
  prototype.listObjects = async function (bucket, { delimiter = '', prefix = '', ...more }) {
    const listed = await listObjects.call(this, bucket, { ...more, prefix })
    if (delimiter === '') return listed
    const folderOf = ({ key }) => prefix + key.slice(prefix.length).split(delimiter)[0] + delimiter
    const isBelow = ({ key }) => key.slice(prefix.length).includes(delimiter)
    const commonPrefixes = [...new Set(listed.objects.filter(isBelow).map(folderOf))].sort()
    return { ...listed, objects: listed.objects.filter((each) => !isBelow(each)), commonPrefixes }
  }
  require(process.argv[1]).parseAsync(process.argv)`

const isObject = (path: string): boolean => path.endsWith('._S3rver_object')

/** A real S3 server in a process of its own, behind TLS with an authority of its own and faults on demand. */
export const openS3Server = async ({ tools, host = '127.0.0.1' }: S3Options): Promise<S3Server> => {
  const home = await mkdtemp(join(tmpdir(), 'slipway-s3-'))
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
