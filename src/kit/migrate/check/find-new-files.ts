import { readdirSync } from 'node:fs'
import { findBase, isCheckedOut, tryGit } from './find-base.ts'
import { refuseUnread } from '../refuse-unread.ts'

export interface NewFiles {
  /** Names of the `.sql` files in the folder that the base does not have, in order. */
  names: string[]
  /** The commit they were compared with; undefined when there is none, and every file counts as new. */
  base: string | undefined
  /** For people: how many files are judged, and how they were chosen. */
  sentence: string
  /** The base that was named is the commit that is checked out: no file was compared with anything. */
  isNothingJudged: boolean
}

function count(files: number): string {
  return `${files} migration ${files === 1 ? 'file' : 'files'}`
}

/** New is what the base does not have: committed on the branch, staged or not yet added. */
export function findNewFiles(folder: string, wanted?: string): NewFiles {
  refuseUnread(folder)
  const all = sqlFiles(folder)
  const base = findBase(folder, wanted)
  if (base === undefined) {
    const sentence = `${count(all.length)}, all of them: no tag and no other branch tells which are new`
    return { names: all, base: undefined, sentence, isNothingJudged: false }
  }
  const known = new Set(filesAt(folder, base.commit))
  const names = all.filter((name) => !known.has(name))
  return {
    names,
    base: base.commit,
    sentence: `${count(names.length)}, new since ${base.name} (${base.commit.slice(0, 12)})`,
    isNothingJudged: names.length === 0 && isCheckedOut(folder, base),
  }
}

/** For --all. */
export function allFiles(folder: string): NewFiles {
  refuseUnread(folder)
  const names = sqlFiles(folder)
  return { names, base: undefined, sentence: `${count(names.length)}, all of them`, isNothingJudged: false }
}

export const nothingJudged =
  'nothing was judged: the base is the commit that is checked out\n  hint: name the last release or the commit before the push: --base v1.2.0, or judge every file with --all'

/** Every migration of the folder by name, in the order in which drizzle-kit numbers them. */
export function sqlFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
}

function filesAt(folder: string, commit: string): string[] {
  return (tryGit(folder, 'ls-tree', '--name-only', '-z', commit, './') ?? '').split('\0')
}
