import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'

/** An API that is ready while it runs; the migrations do as they are told. */
const stackWhere = (migrations: string): string => `
[[ $1 == compose ]] || exit 0
shift 7
case "$*" in
  'ps --status running --quiet api') [[ ! -e "$root/runs" ]] || echo an-id ;;
  'ps --status running --quiet '*) echo an-id ;;
  'exec -T api '*) [[ -e "$root/runs" ]] ;;
  'run '*' migrate') ${migrations} ;;
esac`

let copy: OpsCopy

beforeEach(() => {
  copy = openOpsCopy()
  writeFileSync(join(copy.root, '.env'), '')
  writeFileSync(join(copy.root, 'runs'), '')
})
afterEach(() => copy.close())

describe('a swap of the live database', () => {
  it.each([
    { what: 'rows that the image cannot migrate', migrations: 'exit 17' },
    { what: 'an API that was lost on the way', migrations: 'rm "$root/runs"; exit 17' },
  ])('$what › goes back by itself, and the page goes', async ({ migrations }) => {
    copy.engine(stackWhere(migrations))

    const { code, said } = await copy.start('switch-live.sh', ['database', 'restore', '--from', 'latest']).ended

    expect(code).toBe(17)
    expect(said).toContain('going back to what was there')
    expect(copy.asked().filter((line) => / restore-undo$/.test(line))).toHaveLength(1)
    expect(said).toContain('the maintenance page is off')
    expect(existsSync(join(copy.root, '.data/maintenance/on'))).toBe(false)
  })
})
