import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exitCodes } from '../../../../src/kit/migrate/exit-codes.ts'

describe('docs/reference/exit-codes.md', () => {
  it('holds the codes and names of the table in the code, no more and no less', () => {
    const [, migrate = ''] = readFileSync('docs/reference/exit-codes.md', 'utf8').split(/^## migrate .*$/m)
    const section = migrate.split(/^## /m)[0] ?? ''

    const rows = [...section.matchAll(/^\| (\d+) \| `(\w+)` \|/gm)].map(([, code, name]) => [
      name,
      Number(code),
    ])

    expect(Object.fromEntries(rows)).toEqual(exitCodes)
    expect(rows).toHaveLength(Object.keys(exitCodes).length)
  })
})
