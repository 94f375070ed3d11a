import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'
import { until } from '../../support/until.ts'

/** An API that is ready while it runs; the migrations do as they are told. */
function stackWhere(migrations: string): string {
  return `
[[ $1 == compose ]] || exit 0
shift 7
case "$*" in
  'ps --status running --quiet api') [[ ! -e "$root/runs" ]] || echo an-id ;;
  'ps --status running --quiet '*) echo an-id ;;
  'exec -T api '*) [[ -e "$root/runs" ]] ;;
  'run '*' migrate') ${migrations} ;;
esac`
}

function hangsAt(verb: string): string {
  return `[[ "\${*:8}" != ${verb} ]] || { touch "$root/hangs"; sleep 600; }`
}

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

    const { code, said } = await copy.start('switch-live.sh', ['database', 'restore', '--from', 'latest'])
      .ended

    expect(code).toBe(17)
    expect(said).toContain('going back to what was there')
    expect(copy.asked().filter((line) => / restore-undo$/.test(line))).toHaveLength(1)
    expect(said).toContain('the maintenance page is off')
    expect(existsSync(join(copy.root, '.data/maintenance/on'))).toBe(false)
  })

  it.each([
    { what: 'an archive that is well', answers: 'exit 0', warns: false },
    { what: 'an archive that is not', answers: 'exit 58', warns: true },
  ])(
    '$what › a restore point that make restore NAME= knows marks the state before: warning $warns',
    async (each) => {
      copy.engine(`[[ "$*" != *' restore-point '* ]] || ${each.answers}\n${stackWhere('exit 0')}`)

      const { code, said } = await copy.start('switch-live.sh', ['database', 'restore', '--from', 'latest'])
        .ended

      expect(code).toBe(0)
      const marks = copy
        .asked()
        .filter((line) => / backup\.js restore-point before-restore-\d{8}T\d{6}Z$/.test(line))
      expect(marks).toHaveLength(1)
      expect(said.includes('warning: no restore point marks the state before')).toBe(each.warns)
    },
  )

  it.each([
    { state: 'before the swap', verb: `'run '*' restore restore --from latest'`, isNoted: false },
    { state: 'after the swap', verb: `'run '*' migrate'`, isNoted: true },
  ])(
    'killed $state › make restore-undo undoes what was swapped and opens the site',
    async ({ verb, isNoted }) => {
      copy.engine(`${hangsAt(verb)}\n${stackWhere('exit 0')}`)
      const script = copy.start('switch-live.sh', ['database', 'restore', '--from', 'latest'])
      await until('the step hangs', () => existsSync(join(copy.root, 'hangs')), { explain: script.said })
      await script.kill()
      expect(existsSync(join(copy.root, '.data/last-restore.slipway'))).toBe(isNoted)
      copy.engine(stackWhere('exit 0'))

      const { code, said } = await copy.start('restore-undo.sh', [], { environment: { YES: '1' } }).ended

      expect(said).not.toContain('error:')
      expect(code).toBe(0)
      expect(copy.asked().filter((line) => / restore-undo$/.test(line))).toHaveLength(1)
      expect(existsSync(join(copy.root, '.data/maintenance/on'))).toBe(false)
    },
  )
})
