import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'
import { until } from '../../support/until.ts'

/**
 * A stack of containers: the database comes up on the volume that .env names, and the API is ready once it runs on one that is
 * well. `faults` come first and end the program where they say so.
 */
function stackWith(faults: string): string {
  return `
volume=$(sed -n 's/^PGDATA_VOLUME=//p' "$root/.env")
if [[ $1 == inspect ]]; then cat "$root/mounted"; exit; fi
[[ $1 == compose ]] || exit 0
shift 7
${faults}
case "$*" in
  'ps --status running --quiet '*) echo an-id ;;
  'ps --quiet db') echo an-id ;;
  'stop '*) rm -f "$root/runs" ;;
  'up '*' db') printf '%s ' "$volume" >"$root/mounted" ;;
  'up '*' api drill') touch "$root/runs" ;;
  'exec -T api '*) [[ -e "$root/runs" ]] ;;
esac`
}

function onNew(command: string): string {
  return `[[ $volume != new || "$*" != ${command} ]] || exit 17`
}

let copy: OpsCopy

beforeEach(() => {
  copy = openOpsCopy()
  writeFileSync(join(copy.root, '.env'), 'COMPOSE_PROJECT_NAME=ship\nPGDATA_VOLUME=old\nARCHIVE=on\n')
  writeFileSync(join(copy.root, 'mounted'), 'old ')
  writeFileSync(join(copy.root, 'runs'), '')
})
afterEach(() => copy.close())

function switchTo(volume: string, faults = '') {
  copy.engine(stackWith(faults))
  return copy.start('switch-live.sh', ['volume', volume]).ended
}

function verbs(): string[] {
  return copy.asked().map((line) => line.replace(/^compose .*?--env-file \S*.*?\.env /, ''))
}
function facts() {
  return {
    live: /^PGDATA_VOLUME=(.*)$/m.exec(readFileSync(join(copy.root, '.env'), 'utf8'))?.[1],
    mounted: readFileSync(join(copy.root, 'mounted'), 'utf8').trim(),
    isReady: existsSync(join(copy.root, 'runs')),
    isShut: existsSync(join(copy.root, '.data/maintenance/on')),
    isNoted: existsSync(join(copy.root, '.data/last-restore.ship')),
  }
}

const asBefore = { live: 'old', mounted: 'old', isReady: true, isShut: false, isNoted: false }

describe('a switch to another volume', () => {
  it('makes it the live one, notes the former one, and takes a base backup', async () => {
    const { code, said } = await switchTo('new')

    expect({ code, ...facts() }).toEqual({
      ...{ code: 0, live: 'new', mounted: 'new', isReady: true, isShut: false, isNoted: true },
    })
    expect(readFileSync(join(copy.root, '.data/last-restore.ship'), 'utf8')).toBe('kind=moment\nvolume=old\n')
    expect(verbs()).toContain('exec -T backup node backup.js base --full')
    expect(said).toContain('the volume of the database is new; old is kept')
  })

  it.each([
    { what: 'a server that does not come up', fault: onNew(`'up '*' db'`) },
    { what: 'migrations that fail', fault: onNew(`'run '*' migrate'`) },
    { what: 'an API that cannot be started', fault: onNew(`'up '*' api drill'`) },
  ])('$what › goes back by itself, and the site opens on the former one', async ({ fault }) => {
    const { code, said } = await switchTo('new', fault)

    expect({ code, ...facts() }).toEqual({ ...asBefore, code: 17 })
    expect(said).toContain('what is live now does not get ready: going back to the volume old')
    // The new server is stopped before the old one starts: a container of each would share archive and name.
    const stopped = verbs().flatMap((verb, at) => (verb === 'stop api backup db' ? [at] : []))
    const started = verbs().flatMap((verb, at) => (/^up .* db$/.test(verb) ? [at] : []))
    expect(stopped).toHaveLength(2)
    expect(started).toHaveLength(2)
    expect(stopped[1]).toBeLessThan(started[1] ?? 0)
    expect(said).not.toContain('the way back failed too')
  })

  it('a server that runs on another volume than it should › goes back', async () => {
    const { code, said } = await switchTo('new', `[[ $volume != new || "$*" != 'up '*' db' ]] || exit 0`)

    expect({ code, ...facts() }).toEqual({ ...asBefore, code: 1 })
    expect(said).toContain('error: the database runs on another volume than new (got old )')
  })

  it('what was there does not come back either › says so, .env names it, and the page stays', async () => {
    const { code, said } = await switchTo('new', `[[ "$*" != 'up '*' db' ]] || exit 17`)

    expect({ code, ...facts() }).toEqual({ ...asBefore, code: 17, isReady: false, isShut: true })
    expect(said).toMatch(/error: the way back failed too\nhint: \.env names the volume old again: make up/)
    expect(said).toContain('the maintenance page stays on')
  })

  it('what was there was not ready › does not go back to it, and the page stays', async () => {
    const { code, said } = await switchTo(
      'new',
      `[[ "$*" != 'exec -T api '* ]] || exit 1\n${onNew(`'run '*' migrate'`)}`,
    )

    expect({ code, ...facts() }).toEqual({
      ...{ code: 17, live: 'new', mounted: 'new', isReady: false, isShut: true, isNoted: false },
    })
    expect(said).not.toContain('going back')
  })

  it('what runs cannot be stopped › it is started again, on its own volume', async () => {
    const { code } = await switchTo('new', `[[ "$*" != 'stop '* ]] || exit 17`)

    expect({ code, ...facts() }).toEqual({ ...asBefore, code: 17 })
    expect(verbs().filter((verb) => /^up .* db$/.test(verb))).toHaveLength(1)
  })

  it.each([
    { state: 'before the switch', verb: `'stop '*`, live: 'old', last: undefined },
    { state: 'with the new server starting', verb: `'up '*' db'`, live: 'new', last: 'new' },
    { state: 'with the migrations running', verb: `'run '*' migrate'`, live: 'new', last: 'new' },
    { state: 'with the API starting', verb: `'up '*' api drill'`, live: 'new', last: 'new' },
  ])('killed $state › make restore-undo brings back the former volume', async ({ verb, live, last }) => {
    copy.engine(stackWith(`[[ "$*" != ${verb} ]] || { touch "$root/hangs"; sleep 600; }`))
    const script = copy.start('switch-live.sh', ['volume', 'new'])
    await until('the step hangs', () => existsSync(join(copy.root, 'hangs')), { explain: script.said })
    await script.kill()
    expect(facts()).toMatchObject({ live, isShut: true })
    copy.engine(stackWith(''))

    const { code, said } = await copy.start('restore-undo.sh', [], { environment: { YES: '1' } }).ended

    expect(said).not.toContain('error:')
    expect({ code, ...facts() }).toEqual({ ...asBefore, code: 0, isNoted: last !== undefined })
    expect(existsSync(join(copy.root, '.data/switching.ship'))).toBe(false)
    if (last !== undefined)
      expect(readFileSync(join(copy.root, '.data/last-restore.ship'), 'utf8')).toContain(`volume=${last}\n`)
  })

  it.each([
    { volume: 'old', sentence: 'the volume old is the live one already' },
    { volume: 'gone', sentence: 'there is no volume gone' },
  ])('to $volume › is refused, and nothing was stopped', async ({ volume, sentence }) => {
    copy.engine('[[ "$*" != "volume inspect gone" ]]')

    const { code, said } = await copy.start('switch-live.sh', ['volume', volume]).ended

    expect({ code, ...facts() }).toEqual({ ...asBefore, code: 1 })
    expect(said).toBe(`error: ${sentence}\nhint: docker volume ls shows those that are kept\n`)
    expect(copy.asked()).toEqual([`volume inspect ${volume}`])
  })
})
