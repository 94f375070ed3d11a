import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findNewFiles } from '../../../../../src/kit/migrate/check/find-new-files.ts'

let root: string
let folder: string

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false']
  return execFileSync('git', ['-C', root, ...identity, ...args], { encoding: 'utf8' }).trim()
}

function commit(name: string): void {
  writeFileSync(join(folder, name), 'SELECT 1;')
  git('add', '--all')
  git('commit', '--quiet', '--message', name)
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway lint "é" '))
  folder = join(root, 'some where', 'migrations')
  mkdirSync(folder, { recursive: true })
})

afterEach(() => rmSync(root, { recursive: true }))

describe('new migrations', () => {
  test('are those that the base branch lacks: committed, staged or untracked', () => {
    git('init', '--quiet', '--initial-branch', 'main')
    commit('0000_first.sql')
    git('checkout', '--quiet', '-b', 'work')
    commit('0001_it\'s "new" ü.sql')
    writeFileSync(join(folder, '0002_untracked.sql'), 'SELECT 2;')

    const { names, base } = findNewFiles(folder)

    expect(names).toEqual(['0001_it\'s "new" ü.sql', '0002_untracked.sql'])
    expect(base).toBe(git('rev-parse', 'main'))
  })

  test('are not those that only the base branch has got since', () => {
    git('init', '--quiet', '--initial-branch', 'main')
    commit('0000_first.sql')
    git('branch', 'work')
    commit('0001_merged_meanwhile.sql')
    git('checkout', '--quiet', 'work')
    commit('0001_mine.sql')

    expect(findNewFiles(folder, 'main').names).toEqual(['0001_mine.sql'])
  })

  test('are all of them where there is no repository', () => {
    writeFileSync(join(folder, '0000_first.sql'), 'SELECT 1;')

    expect(findNewFiles(folder)).toMatchObject({ names: ['0000_first.sql'], base: undefined })
  })

  test('cannot be told when the named base is unknown', () => {
    git('init', '--quiet', '--initial-branch', 'main')
    commit('0000_first.sql')

    expect(() => findNewFiles(folder, 'no-such-branch')).toThrow('shares no commit with no-such-branch')
  })
})

describe('on main, new migrations', () => {
  const onMain = (): void => {
    git('init', '--quiet', '--initial-branch', 'main')
    commit('0000_first.sql')
    commit('0001_second.sql')
  }
  /** As after a push: the remote's main is what is checked out. */
  const push = (): string => git('update-ref', 'refs/remotes/origin/main', 'HEAD')
  const named = (...args: [string?]): string[] => findNewFiles(folder, ...args).names

  test('are those since the last push until the next one', () => {
    onMain()
    push()
    commit('0002_third.sql')

    expect(named()).toEqual(['0002_third.sql'])
  })

  test('are those since the last tag once they are pushed', () => {
    onMain()
    git('tag', 'v1.0.0')
    commit('0002_third.sql')
    commit('0003_fourth.sql')
    push()

    expect(named()).toEqual(['0002_third.sql', '0003_fourth.sql'])
    expect(findNewFiles(folder).sentence).toMatch(/^2 migration files, new since v1\.0\.0 \([0-9a-f]{12}\)$/)
  })

  test('are those that a tagged commit itself brings, without a branch too', () => {
    onMain()
    git('tag', 'v1.0.0')
    commit('0002_third.sql')
    git('tag', 'v1.1.0')
    push()
    git('checkout', '--quiet', '--detach')

    expect(named()).toEqual(['0002_third.sql'])
  })

  test('are those of a branch that was merged in one commit', () => {
    onMain()
    git('tag', 'v1.0.0')
    git('checkout', '--quiet', '-b', 'work')
    commit('0002_third.sql')
    git('checkout', '--quiet', 'main')
    git('merge', '--quiet', '--squash', 'work')
    git('commit', '--quiet', '--message', 'squashed')
    push()

    expect(named()).toEqual(['0002_third.sql'])
  })

  test('are all of them where no tag tells, as in a first commit or a shallow clone', () => {
    onMain()
    push()
    const clone = join(root, 'clone')
    git('clone', '--quiet', '--depth', '1', `file://${root}`, clone)

    expect(named()).toEqual(['0000_first.sql', '0001_second.sql'])
    const shallow = findNewFiles(join(clone, 'some where', 'migrations'))
    expect(shallow).toMatchObject({ base: undefined, names: ['0000_first.sql', '0001_second.sql'] })
  })

  test('are those since the commit before the push that CI names, and zeros name none', () => {
    onMain()
    const before = git('rev-parse', 'HEAD')
    commit('0002_third.sql')
    push()

    expect(named(before)).toEqual(['0002_third.sql'])
    expect(named('0'.repeat(40))).toHaveLength(3)
  })

  test('are judged as nothing, and not as harmless, where the named base is what is checked out', () => {
    onMain()
    push()

    expect(findNewFiles(folder, 'origin/main').isNothingJudged).toBe(true)
    writeFileSync(join(folder, '0002_untracked.sql'), 'SELECT 2;')
    expect(findNewFiles(folder, 'origin/main')).toMatchObject({
      isNothingJudged: false,
      names: ['0002_untracked.sql'],
    })
  })
})
