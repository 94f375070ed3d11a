import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { tmpdir } from 'node:os'
import { hashFile } from '../../../../src/kit/host/hash-file.ts'
import type { OffsiteSettings } from '../../../../src/kit/backup/offsite/offsite-settings.ts'
import { createBackupName } from '../../../../src/kit/backup/portable/backup-name.ts'
import type { BackupReason } from '../../../../src/kit/backup/portable/manifest.ts'
import { writeManifest } from '../../../../src/kit/backup/portable/write-manifest.ts'
import { openS3Server, type S3Server } from '../../support/s3-server.ts'
import { sampleManifest } from '../../unit/backup/sample-backup.ts'
import { backupTools } from './backup-tools.ts'
import { runCli, startCli, type Ended, type Started } from './run-cli.ts'

export interface OffsiteStage {
  storage: S3Server
  folder: string
  env: Record<string, string>
  /** As `env` says it, for what is called and not run. */
  settings: OffsiteSettings
  /** A backup as `backup create` leaves it, of so many bytes that nothing can compress. Returns its name. */
  makeBackup: (options?: { at?: Date; bytes?: number; reason?: BackupReason }) => Promise<string>
  run: (args: string[], more?: Record<string, string>) => Promise<Ended>
  start: (args: string[], more?: Record<string, string>) => Started
  /** Another, empty folder: the machine after the fire. */
  emptyFolder: () => Promise<string>
  close: () => Promise<void>
}

/** A storage, a folder of backups and the command line of `backup`; no database is needed for copies. */
export async function openOffsiteStage(): Promise<OffsiteStage> {
  const storage = await openS3Server({ tools: backupTools ?? '' })
  const home = await mkdtemp(join(tmpdir(), 'slipway-offsite-test-'))
  const folder = join(home, 'backups')
  for (const each of [folder, join(home, 'tmp')]) await mkdir(each)
  await writeFile(join(home, 'id'), storage.accessKeyId)
  await writeFile(join(home, 'secret'), storage.secretAccessKey)
  const env = {
    PATH: [backupTools ?? '', process.env['PATH'] ?? ''].join(delimiter),
    TMPDIR: join(home, 'tmp'),
    DATABASE_URL: 'postgres://backup@127.0.0.1:1/nothing',
    BACKUP_FOLDER: folder,
    OFFSITE_S3_ENDPOINT: storage.endpoint,
    OFFSITE_S3_BUCKET: storage.bucket,
    OFFSITE_S3_PREFIX: 'ship',
    OFFSITE_S3_CA_FILE: storage.caFile,
    OFFSITE_S3_ACCESS_KEY_ID_FILE: join(home, 'id'),
    OFFSITE_S3_SECRET_ACCESS_KEY_FILE: join(home, 'secret'),
    OFFSITE_TIMEOUT_MS: '2000',
  }
  const makeBackup: OffsiteStage['makeBackup'] = async ({ at = new Date(), bytes = 50_000, reason } = {}) => {
    const name = createBackupName(at)
    await mkdir(join(folder, name))
    const stored = async (file: string, content: Buffer) => {
      await writeFile(join(folder, name, file), content)
      const digest = await hashFile(join(folder, name, file))
      return { file, ...digest, plainBytes: digest.bytes, plainSha256: digest.sha256 }
    }
    const dump = await stored('database.dump', randomBytes(bytes))
    const globals = await stored('globals.sql', randomBytes(500))
    const files = [dump, globals].map(({ file, bytes: size, sha256 }) => ({ file, bytes: size, sha256 }))
    const about = { name, createdAt: at.toISOString(), reason: reason ?? 'scheduled', dump, globals, files }
    await writeManifest(join(folder, name), { ...sampleManifest(name, about.createdAt), ...about })
    return name
  }
  let others = 0
  return {
    storage,
    folder,
    env,
    settings: { ...storage, prefix: 'ship', idleTimeoutMs: 2_000, searchPath: env.PATH },
    makeBackup,
    run: (args, more = {}) => runCli(args, { ...env, ...more }),
    start: (args, more = {}) => startCli(args, { ...env, ...more }),
    emptyFolder: async () => {
      others += 1
      const other = join(home, `other-${others}`)
      await mkdir(other)
      return other
    },
    close: async () => {
      await storage.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
