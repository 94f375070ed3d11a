import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'

let copy: OpsCopy

beforeEach(() => {
  copy = openOpsCopy()
  writeFileSync(join(copy.root, '.env'), '')
})
afterEach(() => copy.close())

/** The options of `compose run` with which a verb of the upgrade was started. */
function optionsOf(verb: string): string[] {
  return copy.asked().flatMap((line) => {
    const [, options = ''] = new RegExp(` run (.*) --volume .* upgrade upgrade ${verb} `).exec(line) ?? []
    return options === '' ? [] : [options]
  })
}

describe('make upgrade-postgres', () => {
  it.each([
    { where: 'at a terminal', isTerminal: true, run: '--rm --no-deps' },
    { where: 'without one', isTerminal: false, run: '--rm --no-deps -T' },
  ])(
    '$where › the copy has one too, so that its progress shows: $isTerminal',
    async ({ isTerminal, run }) => {
      await copy.start('upgrade-postgres.sh', ['TO=18', 'YES=1'], { isTerminal }).ended

      expect(optionsOf('run')).toEqual([run])
      // It reads what the old server says of itself.
      expect(optionsOf('check')).toEqual(['--rm --no-deps -T'])
    },
  )
})
