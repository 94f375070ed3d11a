import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkBase } from '../../../../../src/kit/migrate/check/check-base.ts'
import { findMerged } from '../../../../../src/kit/migrate/check/find-base.ts'
import { createCheckFolder, type CheckFolder } from './check-folder.ts'

const sql = 'SELECT 1;'
const base = { '0000_a': { sql, when: 100 }, '0001_b': { sql, when: 200 } }

function openBranch(): CheckFolder {
  const folder = createCheckFolder()
  folder.write(base)
  folder.commit('base')
  folder.git('switch', '--create', 'feature')
  return folder
}

function sentences(folder: CheckFolder, wanted?: string): string[] {
  return checkBase(folder.path, findMerged(folder.path, wanted)).faults.map(
    ({ exit, message }) => `${exit}: ${message}`,
  )
}

describe('checkBase', () => {
  it('is content with a branch that only adds', () => {
    const folder = openBranch()
    folder.write({ ...base, '0002_c': { sql, when: 300 } })

    expect(sentences(folder)).toEqual([])
  })

  it.each(['committed', 'not yet committed'])('refuses an edited file, %s', (state) => {
    const folder = openBranch()
    folder.put('0000_a.sql', 'SELECT 2;')
    if (state === 'committed') folder.commit('edit')

    expect(sentences(folder)).toEqual(['edited: 0000_a.sql was changed; the base branch has it'])
  })

  it('refuses a deleted file and a renamed one', () => {
    const folder = openBranch()
    rmSync(join(folder.path, '0001_b.sql'))
    folder.put('0001_renamed.sql', sql)

    expect(sentences(folder)).toEqual(['edited: 0001_b.sql was deleted; the base branch has it'])
  })

  it('refuses a changed journal entry', () => {
    const folder = openBranch()
    folder.write({ ...base, '0001_b': { sql, when: 201 } })

    expect(sentences(folder)).toEqual([
      'edited: the journal entry of 0001_b was changed; the base branch has it',
    ])
  })

  it('refuses a file that would be merged late', () => {
    const folder = openBranch()
    folder.write({ ...base, '0002_mine': { sql, when: 300 } })
    folder.commit('mine')
    folder.git('switch', 'main')
    folder.write({ ...base, '0002_theirs': { sql, when: 400 } })
    folder.commit('theirs')
    folder.git('switch', 'feature')

    expect(sentences(folder)).toEqual([
      'out_of_order: 0002_mine is older than 0002_theirs of the base branch: merged so, it would come late',
    ])
  })

  it('on main compares with the newest tag before it, so that a merged edit is seen', () => {
    const folder = openBranch()
    folder.git('switch', 'main')
    folder.git('tag', 'v1.0.0')
    folder.put('0000_a.sql', 'SELECT 2;')
    folder.commit('edit')

    expect(sentences(folder)).toEqual(['edited: 0000_a.sql was changed; the base branch has it'])
  })

  it('on the base branch itself sees edits that are not yet committed', () => {
    const folder = openBranch()
    folder.git('switch', 'main')
    folder.put('0000_a.sql', 'SELECT 2;')

    expect(sentences(folder)).toHaveLength(1)
  })

  it('refuses a base branch that was named and is not there', () => {
    const folder = openBranch()

    expect(() => findMerged(folder.path, 'nowhere')).toThrow('this checkout shares no commit with nowhere')
  })

  it('says that it could not look where there is no repository', () => {
    const folder = openBranch()
    rmSync(join(folder.path, '..', '..', '.git'), { recursive: true })

    expect(checkBase(folder.path, findMerged(folder.path))).toEqual({
      faults: [],
      skipped: 'no tag and no other branch: cannot tell whether merged files were changed',
    })
  })
})
