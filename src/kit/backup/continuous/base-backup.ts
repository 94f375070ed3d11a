import { mkdir } from 'node:fs/promises'
import { CommandError } from '../../errors.ts'
import { lockFolder } from '../../host/folder-lock.ts'
import { repositoryFolder, type ContinuousSettings, type RepositoryName } from './continuous-settings.ts'
import { readRepository, type BaseBackup } from './read-repository.ts'
import { expectEngine } from './run-engine.ts'
import { verifyBase } from './verify-base.ts'

export interface BaseRequest {
  repository: RepositoryName
  /** pgBackRest turns an incremental backup without a predecessor into a full one. */
  type: BaseBackup['type']
  signal?: AbortSignal | undefined
}

const engineTypes = { full: 'full', incremental: 'incr' } as const

async function take(settings: ContinuousSettings, request: BaseRequest): Promise<BaseBackup> {
  const { repository, type, signal } = request
  const before = new Set((await readRepository(settings, repository)).bases.map(({ label }) => label))
  const args = [`--type=${engineTypes[type]}`, 'backup']
  await expectEngine(settings, { repository, args, signal, isConnected: true })
  const taken = (await readRepository(settings, repository)).bases.findLast(({ label }) => !before.has(label))
  if (taken === undefined) {
    throw new CommandError(
      'verification_failed',
      `pgbackrest ended well, and ${repository} of the archive shows no new base backup without errors`,
      { hint: 'a page of the database may have a wrong checksum: read the log of the service' },
    )
  }
  await verifyBase(settings, repository, taken.label, signal)
  return taken
}

/**
 * Takes a base backup into one repository, verifies it, and lets pgBackRest expire old ones. Throws
 * CommandError.
 */
export async function takeBase(settings: ContinuousSettings, request: BaseRequest): Promise<BaseBackup> {
  const folder = repositoryFolder(settings)
  await mkdir(folder, { recursive: true, mode: 0o750 })
  const lock = await lockFolder(folder, `base backup into ${request.repository}`)
  try {
    return await take(settings, request)
  } finally {
    await lock.release()
  }
}
