import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import type { TarEntry } from './tar-format.ts'

const mebibyte = 1024 * 1024
/** The whole archive is in memory, so that the hashed bytes are the stored bytes. */
const mostBytes = 64 * mebibyte

/**
 * Paths left out: files that Caddy recreates, folders that a restore set aside, partial files of a killed
 * setup.
 */
const leftOut = [
  /^caddy_data\/caddy\/(locks|ocsp)(\/|$)/,
  /^caddy_data\/caddy\/last_clean\.json$/,
  /^caddy_data\/\.[^/]+\.before-/,
  /\.partial$/,
]

/** Without these files no backup can be decrypted and the stack cannot start. */
const required = ['env', 'secrets/backup/age_identity', 'secrets/backup/age_recipients']

function unfit(path: string): CommandError {
  return new CommandError(
    'failed',
    `${path} is neither a file nor a folder: what it leads to would be missing from the archive`,
    { hint: 'put the file itself there' },
  )
}

function tooLarge(): CommandError {
  return new CommandError(
    'failed',
    `.env, secrets and Caddy's data are larger than ${mostBytes / mebibyte} MiB together`,
    { hint: "what does not belong there? du -ah secrets; Caddy's data is in the volume caddy_data" },
  )
}

function refuseIncomplete(entries: TarEntry[]): void {
  const missing = required.filter((path) => !entries.some((entry) => entry.path === path))
  if (missing.length === 0) return
  throw new CommandError('failed', `not there to be archived: ${missing.join(', ')}`, {
    hint: 'make up makes what is missing',
  })
}

/**
 * Reads every file and folder below `root`, sorted by path. Throws CommandError for other file types,
 * above 64 MiB, or when a required file is missing.
 */
export async function collectState(root: string): Promise<TarEntry[]> {
  const entries: TarEntry[] = []
  let bytes = 0
  const collect = async (path: string): Promise<void> => {
    const found = await lstat(join(root, path))
    if (!found.isDirectory() && !found.isFile()) throw unfit(path)
    bytes += found.size
    if (bytes > mostBytes) throw tooLarge()
    const content = found.isFile() ? await readFile(join(root, path)) : Buffer.alloc(0)
    const { mode, uid, gid } = found
    const kind = found.isFile() ? 'file' : 'folder'
    entries.push({ path, kind, mode: mode & 0o7777, uid, gid, content })
    if (found.isDirectory()) await collectBelow(path)
  }
  const collectBelow = async (folder: string): Promise<void> => {
    const names = (await readdir(join(root, folder))).toSorted()
    const paths = names.map((name) => (folder === '' ? name : `${folder}/${name}`))
    for (const path of paths.filter((each) => !leftOut.some((pattern) => pattern.test(each))))
      await collect(path)
  }
  await collectBelow('')
  refuseIncomplete(entries)
  return entries
}
