import { execFileSync } from 'node:child_process'
import { CommandError } from '../../errors.ts'

export interface Base {
  /** Base of the comparison: its migrations are not new. */
  commit: string
  /** Newest commit of the base branch; the same as `commit` for a tag. */
  tip: string
  /** A branch, tag or commit as a person knows it. */
  name: string
}

/** Output of git; undefined when git says no: no repository, no such branch, a shallow clone, no git. */
export function tryGit(folder: string, ...args: string[]): string | undefined {
  try {
    return execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 16 * 1024 * 1024,
    })
  } catch {
    return undefined
  }
}

function commitOf(folder: string, name: string): string | undefined {
  return tryGit(folder, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`)?.trim()
}

function branchBase(folder: string, name: string): Base | undefined {
  const tip = commitOf(folder, name)
  const commit = tip === undefined ? undefined : tryGit(folder, 'merge-base', 'HEAD', tip)?.trim()
  return tip === undefined || commit === undefined ? undefined : { commit, tip, name }
}

/** The newest tag before this commit: a commit that is tagged itself is the release to judge. */
function tagBase(folder: string): Base | undefined {
  const name = tryGit(folder, 'describe', '--tags', '--abbrev=0', 'HEAD~1')?.trim()
  const commit = name === undefined ? undefined : commitOf(folder, `refs/tags/${name}`)
  return name === undefined || commit === undefined ? undefined : { commit, tip: commit, name }
}

function noSuchBase(wanted: string): CommandError {
  return new CommandError('usage', `this checkout shares no commit with ${wanted}`, {
    hint: 'fetch the base with its history (git fetch --unshallow --tags), or judge every file with --all',
  })
}

const branches = ['origin/main', 'main', 'origin/master', 'master', 'origin/HEAD']

/** Returns true for the all-zero commit that CI reports before the first push of a branch. */
function isNothing(wanted: string | undefined): boolean {
  return wanted === undefined || /^0*$/.test(wanted)
}

function namedBase(folder: string, wanted: string): Base {
  const base = branchBase(folder, wanted)
  if (base === undefined) throw noSuchBase(wanted)
  return base
}

function mainBase(folder: string): Base | undefined {
  return branches.map((name) => branchBase(folder, name)).find((base) => base !== undefined)
}

/**
 * Returns the base that separates new migrations from old ones: the named one, else the merge base with main. On main
 * itself that is the checked-out commit, so the newest tag before it is used. Undefined without a base: every file
 * then counts as new, because checking a file twice is better than not at all.
 */
export function findBase(folder: string, wanted?: string): Base | undefined {
  if (wanted !== undefined && !isNothing(wanted)) return namedBase(folder, wanted)
  const main = mainBase(folder)
  return main === undefined || isCheckedOut(folder, main) ? tagBase(folder) : main
}

/** Returns the bases whose files cannot change: the same, and on main also the checked-out commit. */
export function findMerged(folder: string, wanted?: string): Base[] {
  const base = findBase(folder, wanted)
  const main = wanted === undefined || isNothing(wanted) ? mainBase(folder) : undefined
  return [base, main === base ? undefined : main].filter((each) => each !== undefined)
}

/** Returns true when the base is the checked-out commit, so that only uncommitted changes differ from it. */
export function isCheckedOut(folder: string, base: Base | undefined): boolean {
  return base !== undefined && base.commit === commitOf(folder, 'HEAD')
}
