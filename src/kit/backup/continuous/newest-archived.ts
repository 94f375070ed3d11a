import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryFolder, stanza, type ContinuousSettings } from './continuous-settings.ts'

async function newestName(folder: string, pattern: RegExp): Promise<string | undefined> {
  return (await readdir(folder).catch(() => []))
    .filter((name) => pattern.test(name))
    .sort()
    .at(-1)
}

/** Compares numerically: `17-10` is newer than `17-9`. */
async function newestHistory(folder: string): Promise<string | undefined> {
  const numberOf = (name: string): number => Number(name.split('-')[1])
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^\d+-\d+$/.test(name))
  return names.sort((a, b) => numberOf(a) - numberOf(b)).at(-1)
}

/** Returns the archive time of the newest segment in repo1; undefined when it holds none. */
export async function readNewestArchived(settings: ContinuousSettings): Promise<Date | undefined> {
  const archive = join(repositoryFolder(settings), 'archive', stanza)
  const history = await newestHistory(archive)
  if (history === undefined) return undefined
  const log = await newestName(join(archive, history), /^[0-9A-F]{16}$/)
  if (log === undefined) return undefined
  const segment = await newestName(join(archive, history, log), /^[0-9A-F]{24}-/)
  return segment === undefined ? undefined : (await stat(join(archive, history, log, segment))).mtime
}
