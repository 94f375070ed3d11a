import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makePlan, type JournalRow, type Plan } from '../../../../src/kit/migrate/make-plan.ts'
import type { MigrationFile } from '../../../../src/kit/migrate/read-migrations.ts'

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function fileAt(position: number, when: number, text = `select ${position};\n`): MigrationFile {
  return {
    position,
    tag: `000${position}_file`,
    when,
    hash: sha256(text),
    otherLineEndingHashes: [sha256(text.replaceAll('\n', '\r\n'))],
    statements: [text],
    isTransactional: true,
  }
}

function rowOf(file: MigrationFile, change: Partial<JournalRow> = {}): JournalRow {
  return {
    hash: file.hash,
    when: file.when,
    ...change,
  }
}

const one = fileAt(1, 100)
const two = fileAt(2, 200)
const three = fileAt(3, 300)
const now = 1_000

function codes(plan: Plan): string[] {
  return plan.findings.map(({ code, exit, subject }) => `${code} ${exit ?? 'warning'} ${subject}`)
}

function tags(files: MigrationFile[]): string[] {
  return files.map((file) => file.tag)
}

describe('makePlan', () => {
  it('finds nothing wrong with a database that is behind', () => {
    const plan = makePlan([one, two, three], [rowOf(one)], { now })

    expect(tags(plan.applied)).toEqual(['0001_file'])
    expect(tags(plan.pending)).toEqual(['0002_file', '0003_file'])
    expect(plan.findings).toEqual([])
  })

  it('refuses a file that was merged late, and applies it on request', () => {
    const rows = [rowOf(one), rowOf(three)]

    const refused = makePlan([one, two, three], rows, { now })
    const allowed = makePlan([one, two, three], rows, { now, allowOutOfOrder: true })

    expect(codes(refused)).toEqual(['out_of_order out_of_order 0002_file'])
    expect(codes(allowed)).toEqual(['out_of_order warning 0002_file'])
    expect(tags(allowed.pending)).toEqual(['0002_file'])
  })

  it('refuses a file that plain Drizzle would skip because an unknown row is later', () => {
    const plan = makePlan([one, two], [rowOf(one), { hash: 'f'.repeat(64), when: 900 }], { now })

    expect(codes(plan)).toEqual(['ahead warning 900', 'out_of_order out_of_order 0002_file'])
  })

  it('applies files whose times run backwards to a database that is made anew', () => {
    const late = { ...one, position: 3 }

    expect(codes(makePlan([two, late], [], { now }))).toEqual([])
    expect(codes(makePlan([two, late], [rowOf(two)], { now }))).toEqual([
      'out_of_order out_of_order 0001_file',
    ])
  })

  it('applies a file late that says itself why it may be, with a warning', () => {
    const sql = '-- slipway:allow out-of-order: touches no table of the others\nselect 2;\n'
    const rows = [rowOf(one), rowOf(three)]

    const plan = makePlan([one, fileAt(2, 200, sql), three], rows, { now })

    expect(codes(plan)).toEqual(['out_of_order warning 0002_file'])
    const short = fileAt(2, 200, '-- slipway:allow out-of-order: ok\nselect 2;\n')
    expect(codes(makePlan([one, short, three], rows, { now }))).toEqual([
      'out_of_order out_of_order 0002_file',
    ])
  })

  it('refuses a file that is dated in the future, beyond what clocks differ', () => {
    const future = fileAt(4, now + 6 * 60_000)
    const skewed = fileAt(4, now + 4 * 60_000)

    expect(codes(makePlan([one, future], [rowOf(one)], { now }))).toEqual([
      'future_dated out_of_order 0004_file',
    ])
    expect(codes(makePlan([one, skewed], [rowOf(one)], { now }))).toEqual([])
  })

  it('refuses an edited file and says how to record it', () => {
    const plan = makePlan([one], [rowOf(one, { hash: 'a'.repeat(64) })], { now })

    expect(codes(plan)).toEqual(['edited edited 0001_file'])
    expect(plan.findings[0]?.hint).toContain(`SET hash = '${one.hash}' WHERE created_at = 100`)
  })

  it('warns where only line endings differ', () => {
    const crlf = rowOf(one, { hash: one.otherLineEndingHashes[0] ?? '' })

    const plan = makePlan([one], [crlf], { now })

    expect(codes(plan)).toEqual(['line_endings warning 0001_file'])
    expect(plan.pending).toEqual([])
  })

  it('warns about a journal entry whose time was changed, and does not apply the file again', () => {
    const plan = makePlan([fileAt(1, 150)], [{ hash: one.hash, when: 100 }], { now })

    expect(codes(plan)).toEqual(['retimed warning 0001_file'])
    expect(plan.pending).toEqual([])
  })

  it('lets an old image start on a database that is ahead', () => {
    const plan = makePlan([one], [rowOf(one), rowOf(two)], { now })

    expect(codes(plan)).toEqual(['ahead warning 200'])
    expect(plan.pending).toEqual([])
  })

  it('warns about a row in the middle for which there is no file', () => {
    const plan = makePlan([one, three], [rowOf(one), rowOf(two), rowOf(three)], { now })

    expect(codes(plan)).toEqual(['unknown warning 200'])
  })

  it('warns about a file that two migrators ran at the same time', () => {
    const plan = makePlan([one], [rowOf(one), rowOf(one)], { now })

    expect(codes(plan)).toEqual(['duplicate warning 100'])
  })

  it('tells two files of the same text apart by their time', () => {
    const again = { ...fileAt(2, 200), hash: one.hash }

    const plan = makePlan([one, again], [rowOf(one)], { now })

    expect(tags(plan.pending)).toEqual(['0002_file'])
  })

  it('does not take a row without a time for a file', () => {
    const plan = makePlan([one, two], [rowOf(one), { hash: 'b'.repeat(64), when: null }], { now })

    expect(codes(plan)).toEqual(['unknown warning null'])
    expect(tags(plan.pending)).toEqual(['0002_file'])
  })

  it('says first that the data belong to another history where no row is of this folder', () => {
    const foreign = [
      { hash: 'b'.repeat(64), when: 50 },
      { hash: 'c'.repeat(64), when: 900 },
    ]

    const plan = makePlan([one], foreign, { now, allowOutOfOrder: true })

    expect(codes(plan)[0]).toBe('other_history other_history 50')
    expect(plan.findings[0]?.message).toBe(
      'the data belong to another history: of the 2 migrations that the database records none is in this folder',
    )
    expect(plan.findings[0]?.hint).toContain('EMBEDDED_DATA_DIR=.data/other make up')
    expect(codes(makePlan([one], [], { now }))).toEqual([])
  })
})
