import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkFiles } from '../../../../../src/kit/migrate/check/check-files.ts'
import { createCheckFolder, type CheckFolder } from './check-folder.ts'

const now = 1_000_000
const sql = 'SELECT 1;'
const two = { '0000_a': { sql, when: 100 }, '0001_b': { sql, when: 200 } }

function sentences(folder: CheckFolder): string[] {
  return checkFiles(folder.path, now).map(({ exit, message }) => `${exit}: ${message}`)
}

describe('checkFiles', () => {
  it('is content when journal, files and snapshots agree', () => {
    const folder = createCheckFolder()
    folder.write(two)

    expect(sentences(folder)).toEqual([])
  })

  it('refuses times that do not increase', () => {
    const folder = createCheckFolder()
    folder.write({ ...two, '0001_b': { sql, when: 100 } })

    expect(sentences(folder)).toEqual([
      'out_of_order: 0001_b is not later than 0000_a: plain drizzle-kit would skip it',
    ])
  })

  it('accepts an earlier time for which the file gives a reason, and in files that are merged', () => {
    const folder = createCheckFolder()
    const late = { sql: `-- slipway:allow out-of-order: touches no table of 0001_b\n${sql}`, when: 150 }
    folder.write({ ...two, '0002_late': late, '0003_next': { sql, when: 300 } })

    expect(sentences(folder)).toEqual([])
    folder.write({ ...two, '0002_late': { sql, when: 150 }, '0003_next': { sql, when: 300 } })
    expect(sentences(folder)).toHaveLength(1)
    expect(checkFiles(folder.path, now, new Set(['0002_late']))).toEqual([])
  })

  it('refuses a time in the future', () => {
    const folder = createCheckFolder()
    folder.write({ ...two, '0001_b': { sql, when: now + 301_000 } })

    expect(sentences(folder)).toEqual([
      'out_of_order: 0001_b is dated in the future (1970-01-01T00:21:41.000Z): it would freeze all that follow',
    ])
  })

  it.each([
    ['0001_b.sql', '0001_b.sql is missing and the journal names it'],
    ['meta/0001_snapshot.json', 'meta/0001_snapshot.json is missing and the journal names it'],
  ])('refuses a folder without %s', (name, sentence) => {
    const folder = createCheckFolder()
    folder.write(two)
    rmSync(join(folder.path, name))

    expect(sentences(folder)).toEqual([`usage: ${sentence}`])
  })

  it.each([
    ['0002_c.sql', '0002_c.sql is not in the journal: nothing would ever apply it'],
    ['0002_C.SQL', '0002_C.SQL is not in the journal: nothing would ever apply it'],
    ['meta/0002_c.sql', 'meta/0002_c.sql is not in the journal: nothing would ever apply it'],
    ['meta/0002_snapshot.json', 'meta/0002_snapshot.json is not in the journal: nothing would ever apply it'],
  ])('refuses a stray %s', (name, sentence) => {
    const folder = createCheckFolder()
    folder.write(two)
    folder.put(name, '{}')

    expect(sentences(folder)).toEqual([`usage: ${sentence}`])
  })

  it('refuses a fork of snapshots, as two merged branches leave it', () => {
    const folder = createCheckFolder()
    folder.write({ ...two, '0002_c': { sql, when: 300 } })
    folder.put('meta/0002_snapshot.json', JSON.stringify({ id: 'id-2', prevId: 'id-0' }))

    expect(sentences(folder)).toEqual([
      'usage: meta/0002_snapshot.json was not generated from the snapshot before it',
    ])
  })

  it('refuses CRLF', () => {
    const folder = createCheckFolder()
    folder.write({ ...two, '0001_b': { sql: 'SELECT 1;\r\n', when: 200 } })

    expect(sentences(folder)).toEqual([
      'usage: 0001_b.sql has CRLF line endings: its hash differs from machine to machine',
    ])
  })

  it('refuses a journal with the marks of a merge conflict, and one that names a tag twice', () => {
    const folder = createCheckFolder()
    folder.write(two)
    folder.put('meta/_journal.json', '<<<<<<< HEAD\n{}')
    const conflict = sentences(folder)
    const entry = { version: '7', tag: '0000_a', breakpoints: true }
    const entries = [
      { ...entry, idx: 0, when: 1 },
      { ...entry, idx: 1, when: 2 },
    ]
    folder.put('meta/_journal.json', JSON.stringify({ entries }))

    expect(conflict[0]).toContain('usage: the folder cannot be read')
    expect(sentences(folder)).toContain('usage: the journal names 0000_a twice')
  })
})
