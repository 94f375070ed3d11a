import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answer, openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'

let copy: OpsCopy

beforeEach(() => {
  copy = openOpsCopy()
  writeFileSync(join(copy.root, '.env'), '')
  // The plan is had, and the restore itself refuses.
  copy.engine('[[ "$*" != *" moment --at=latest" ]] || exit 53')
})
afterEach(() => copy.close())

describe('make restore AT=', () => {
  it('gives the restore a terminal, so that its progress shows, and none to the plan, which it reads', async () => {
    const script = copy.start('restore-moment.sh', ['AT=latest'], { isTerminal: true })
    await answer(script, { 'Type restore to ': 'restore' })

    expect(await script.ended).toMatchObject({ code: 53 })
    const runs = copy.asked().filter((line) => line.includes(' moment --at=latest'))
    expect(runs).toHaveLength(2)
    expect(runs[0]).toMatch(/ run -T --rm .* --dry-run$/)
    expect(runs[1]).toMatch(/ run --rm .* moment --at=latest$/)
  })
})
