import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { repetitions } from '../../support/repetitions.ts'
import { breakpoint, outsideTransaction } from './support/migration-folder.ts'
import { dangerousFiles, harmlessFiles } from './support/rehearsal-cases.ts'
import { openRehearsalStage, type RehearsalStage } from './support/rehearsal-stage.ts'

/** In the long form every file is judged on a copy of its own, which takes minutes. */
const each = repetitions(0, 1) === 1
const home = mkdtempSync(join(tmpdir(), 'slipway cases '))
let stage: RehearsalStage

beforeAll(async () => {
  stage = await openRehearsalStage(home, 1_500)
})

afterAll(async () => {
  await stage.close()
  rmSync(home, { recursive: true })
})

/** What only the traffic or the requests of the application can see. */
const byTraffic = dangerousFiles.filter(
  ([family, , seenBy]) => each || seenBy === 'traffic' || family === 'policy',
)
const byStatement = dangerousFiles.filter(([, sql]) => !byTraffic.some((other) => other[1] === sql))

/** One transaction, in which each file is undone before the next. */
function oneByOne(files: readonly string[]): string {
  return files
    .map((sql) => `SAVEPOINT own; ${sql.replace(outsideTransaction, '').replace(' CONCURRENTLY', '')}`)
    .join(`;${breakpoint}ROLLBACK TO own;${breakpoint}`)
}

describe('rehearsal', () => {
  test('is tried on at least 60 dangerous and 30 harmless files', () => {
    expect(dangerousFiles.length).toBeGreaterThanOrEqual(60)
    expect(harmlessFiles.length).toBeGreaterThanOrEqual(30)
  })

  test('refuses what breaks the running version, by what the server says of each statement', async () => {
    const { report } = await stage.judge(oneByOne(byStatement.map(([, sql]) => sql)))

    const refused = new Set(report.objections.map(({ statement }) => statement))
    expect(report.statements.filter(({ error }) => error !== undefined)).toEqual([])
    expect(byStatement.filter((_, index) => !refused.has(1 + 2 * index))).toEqual([])
  }, 120_000)

  test.for(byTraffic)(
    'refuses what breaks the running version, by traffic and requests, %s: %s',
    async ([, sql]) => {
      const { rehearsal } = await stage.judge(sql)

      expect(rehearsal).not.toEqual([])
    },
  )

  test.runIf(!each)(
    'lets pass what the running version does not notice, all in one file',
    async () => {
      const plain = harmlessFiles.filter((sql) => !sql.startsWith(outsideTransaction))
      const { report } = await stage.judge(oneByOne(plain))
      // What takes a file back takes back what it added.
      const refused = report.objections.filter(
        ({ statement }) => statement === undefined || statement % 2 === 1,
      )

      expect(report.statements.filter(({ error }) => error !== undefined)).toEqual([])
      expect(report.statements.length).toBe(2 * plain.length - 1)
      expect(refused).toEqual([])
    },
    120_000,
  )

  test.for(each ? harmlessFiles : harmlessFiles.filter((sql) => sql.startsWith(outsideTransaction)))(
    'lets pass what the running version does not notice: %s',
    async (sql) => {
      const { rehearsal } = await stage.judge(sql)

      expect(rehearsal).toEqual([])
    },
  )
})

describe('linter', () => {
  test('refuses none of the harmless files', async () => {
    const findings = await Promise.all(
      harmlessFiles.map(async (sql) => ({ sql, lint: await stage.lint(sql) })),
    )

    expect(findings.filter(({ lint }) => lint.length > 0)).toEqual([])
  })
})
