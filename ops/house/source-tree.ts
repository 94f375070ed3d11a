import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Text of every file of a tree by its path from `root`. */
export interface SourceTree {
  root: string
  texts: Map<string, string>
}

/** The working tree: what git tracks and what it would add. */
export async function readWorkingTree(root: string): Promise<SourceTree> {
  const listed = await git(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  const paths = listed.filter((path) => existsSync(join(root, path)))
  return { root, texts: await readTexts(root, paths) }
}

/** Hands the tree of a commit to `work`, unpacked in a folder of its own. Throws when git does not know the commit. */
export async function withCommit<T>(
  repository: string,
  commit: string,
  work: (tree: SourceTree) => Promise<T>,
): Promise<T> {
  const paths = await git(repository, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit])
  const root = await mkdtemp(join(tmpdir(), 'slipway-house-'))
  try {
    const archive = join(root, 'commit.tar')
    await run('git', ['archive', `--output=${archive}`, commit], { cwd: repository })
    await run('tar', ['--extract', `--file=${archive}`, `--directory=${root}`])
    return await work({ root, texts: await readTexts(root, paths) })
  } finally {
    await rm(root, { recursive: true })
  }
}

async function git(cwd: string, args: string[]): Promise<string[]> {
  const { stdout } = await run('git', args, { cwd, maxBuffer: 2 ** 26 })
  return stdout.split('\0').filter((path) => path !== '')
}

async function readTexts(root: string, paths: string[]): Promise<Map<string, string>> {
  const pairs = paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const)
  return new Map(await Promise.all(pairs))
}
