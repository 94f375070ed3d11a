import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { AppError } from '../../errors.ts'

export interface NewFiles {
  /** Names of the `.sql` files in the folder that the base does not have, in order. */
  names: string[]
  /** The commit they were compared with; undefined when there is none, and every file counts as new. */
  base: string | undefined
}

/** New is what the merge base with `base` (else origin/main, else main) does not have: committed on the branch, staged or not yet added. */
export async function findNewFiles(folder: string, base?: string): Promise<NewFiles> {
  const names = sqlFiles(folder)
  const commit = await mergeBase(folder, base)
  if (commit === undefined) return { names, base: undefined }
  const known = new Set(await filesAt(folder, commit))
  return { names: names.filter((name) => !known.has(name)), base: commit }
}

/** Every migration of the folder by name, in the order in which drizzle-kit numbers them. */
export function sqlFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
}

async function mergeBase(folder: string, base: string | undefined): Promise<string | undefined> {
  for (const branch of base === undefined ? ['origin/main', 'main', 'origin/master', 'master'] : [base]) {
    const commit = await git(folder, ['merge-base', 'HEAD', branch])
    if (commit !== undefined) return commit.trim()
  }
  if (base === undefined) return undefined
  throw new AppError('invalid_request', `this checkout shares no commit with ${base}`, {
    hint: 'fetch the base branch with its history, or check every file with --all',
  })
}

async function filesAt(folder: string, commit: string): Promise<string[]> {
  const listed = await git(folder, ['ls-tree', '--name-only', '-z', commit, './'])
  return (listed ?? '').split('\0')
}

/** undefined when git says no: no repository, no such branch, a shallow clone. */
function git(folder: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('git', ['-C', folder, ...args], { maxBuffer: 16 * 1024 * 1024 }, (err, stdout) =>
      resolve(err ? undefined : stdout),
    )
  })
}
