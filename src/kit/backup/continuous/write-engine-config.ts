import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CommandError } from '../../errors.ts'
import {
  adminDatabase,
  repositoryFolder,
  type ContinuousSettings,
  type RepositoryName,
} from './continuous-settings.ts'

const run = promisify(execFile)

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

/**
 * Writes the pgBackRest configuration with ops/postgres/archive-config.sh. Returns the configured
 * repositories, nearest first.
 */
export async function writeEngineConfig(settings: ContinuousSettings): Promise<RepositoryName[]> {
  const { environment, runFolder, dataFolder, database, searchPath } = settings
  const url = new URL(database.url)
  const env = {
    ...environment,
    PATH: searchPath,
    PGDATA: dataFolder,
    PGPORT: url.port === '' ? '5432' : url.port,
    ARCHIVE_RUN: runFolder,
    ARCHIVE_REPO: repositoryFolder(settings),
    ARCHIVE_USER: decodeURIComponent(url.username),
    ARCHIVE_DATABASE: adminDatabase,
  }
  try {
    await run(settings.configScript, [], { env })
  } catch (err) {
    const hint = 'read the log of the service; make setup writes the secrets that it needs'
    throw new CommandError('failed', 'the configuration of pgBackRest could not be written', {
      hint,
      cause: err,
    })
  }
  return (await exists(join(runFolder, 'repo2.conf'))) ? ['repo1', 'repo2'] : ['repo1']
}
