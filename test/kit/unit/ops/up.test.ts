import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'
import { until } from '../../support/until.ts'

/**
 * An engine on which all is well, after `faults`, which see the arguments that follow the options of Compose as $verb. What is
 * brought up is noted, in order.
 */
function engineWith(faults: string): string {
  return `
verb="$*"
if [[ $1 == compose ]]; then shift 7; verb="$*"; fi
tries() { printf x >>"$root/$1"; (($(wc -c <"$root/$1") <= $2)); }
${faults}
case "$verb" in
  'up '*) printf '%s ' "\${@: -1}" >>"$root/brought" ;;
  'ps --all --quiet '*) echo "id-of-$4" ;;
  'ps --all --format '*) for each in backup drill prometheus; do echo "$each running healthy"; done ;;
  'inspect '*RestartCount*) [[ "$verb" != *Status* ]] || printf 'running '; echo 0 ;;
  'wait '*) echo 0 ;;
esac`
}

const stubs = [
  'setup.sh',
  'provide-base-images.sh',
  'backup-keys.sh',
  'before-migration.sh',
  'backup-config.sh',
  'require-minimums.sh',
]

let copy: OpsCopy

beforeEach(() => {
  copy = openOpsCopy()
  writeFileSync(join(copy.root, '.env'), 'BACKUP_ENCRYPTION=off\n')
  for (const name of stubs) {
    writeFileSync(join(copy.root, 'ops', name), '#!/usr/bin/env bash\n')
    chmodSync(join(copy.root, 'ops', name), 0o755)
  }
})
afterEach(() => copy.close())

/** To a second. */
function shorten(time: string, script = 'wait-parts.sh'): void {
  const parts = join(copy.root, 'ops', script)
  const text = readFileSync(parts, 'utf8')
  expect(text).toContain(time)
  writeFileSync(parts, text.replace(time, time.replace(/\d+$/, '1')))
}

function up(faults = '', environment: Record<string, string> = {}) {
  copy.engine(engineWith(faults))
  return copy.start('up.sh', [], { environment }).ended
}

function broughtUp(): string[] {
  return copy.asked().flatMap((line) => /--quiet-pull (.*)$/.exec(line)?.[1] ?? [])
}

describe('make up', () => {
  it('brings up the database, migrates, and only then touches the API, and Caddy last', async () => {
    const { code, said } = await up()

    expect(said).toContain('The stack is healthy.')
    expect(code).toBe(0)
    expect(broughtUp()).toEqual([
      'db',
      'migrate',
      'api',
      'caddy',
      '--remove-orphans backup drill prometheus postgres-exporter node-exporter',
    ])
  })

  it.each([
    { what: 'by default', environment: {}, isShown: false },
    { what: 'with V=1', environment: { V: '1' }, isShown: true },
  ])('$what › what a build prints is shown: $isShown, and each step has its seconds', async (each) => {
    const { said } = await up(`[[ "$verb" != build ]] || echo 'RUN npm ci'`, each.environment)

    expect(said.includes('RUN npm ci')).toBe(each.isShown)
    for (const step of ['building the images', 'applying the migrations', 'the API is ready'])
      expect(said).toMatch(new RegExp(`^${step} \\(\\d+ s\\)$`, 'm'))
  })

  it('a build that fails › shows the end of what it printed, and starts nothing', async () => {
    const { code, said } = await up(
      `[[ "$verb" != build ]] || { printf 'line %s\\n' {1..100}; echo 'no space left'; exit 17; }`,
    )

    expect(code).toBe(1)
    expect(said).toMatch(
      /line 99\nline 100\nno space left\nerror: building the images failed \(exit code 17\)\nhint: .*V=1/,
    )
    expect(said).not.toContain('line 50\n')
    expect(broughtUp()).toEqual([])
  })

  it('a build that takes long › says how far it is', async () => {
    shorten('ticks_every_s=10', 'steps.sh')
    copy.engine(
      engineWith(
        `[[ "$verb" != build ]] || { echo '#7 RUN npm ci'; until [[ -e "$root/ticked" ]]; do sleep 0.1; done; }`,
      ),
    )
    const script = copy.start('up.sh')
    await until('it says so', () => script.said().includes('so far'), { explain: script.said })
    writeFileSync(join(copy.root, 'ticked'), '')

    const { said } = await script.ended

    expect(said).toMatch(/building the images: \d+ s so far, at: #7 RUN npm ci/)
  })

  it('a migration that fails › leaves the API of before, and ends with its code', async () => {
    const { code, said } = await up(`[[ "$verb" != 'wait id-of-migrate' ]] || { echo 11; exit; }
      [[ "$verb" != 'logs '*' id-of-migrate' ]] || { echo 'this file was edited' >&2; exit; }`)

    expect(code).toBe(11)
    expect(said).toContain(
      'this file was edited\nerror: the migrations failed (exit code 11): the API of before goes on',
    )
    expect(broughtUp()).toEqual(['db', 'migrate'])
  })

  it('a database that recovers › is waited for and shows how far it is', async () => {
    shorten('said_every_s=5')
    const { code, said } = await up(`
      if [[ "$verb" == 'exec id-of-db sh -c pg_isready '* ]] && tries turns 2; then echo starting; exit 1; fi
      if [[ "$verb" == 'logs '*' id-of-db' ]]; then
        echo 'LOG:  redo in progress, elapsed time: 10.00 s, current LSN: 0/5A3B2C8'
        echo '[7] app@slipway FATAL:  the database system is not accepting connections'
        echo '[7] app@slipway DETAIL:  Hot standby mode is disabled.'
        exit
      fi`)

    expect(code).toBe(0)
    expect(said).toMatch(
      /the database is not ready yet \(\d+ s\): LOG: {2}redo in progress, .*, current LSN: 0\/5A3B2C8/,
    )
    expect(said).not.toContain('FATAL')
  })

  it.each([
    { what: 'ends again and again', state: `$(($(cat "$root/turn" 2>/dev/null || echo 0) * 3))` },
    { what: 'has ended', state: '0', status: 'exited' },
  ])('a database that $what › ends the start at once, with its last lines', async ({ state, status }) => {
    const startedAt = performance.now()

    const { code, said } = await up(`
      case "$verb" in
        'exec id-of-db sh -c pg_isready '*) echo 1 >"$root/turn"; exit 2 ;;
        'inspect '*' id-of-db') [[ "$verb" != *Status* ]] || printf '%s ' ${status ?? 'restarting'}; echo ${state}; exit ;;
        'logs '*' db') echo 'PANIC: could not write' >&2; exit ;;
      esac`)

    expect(code).not.toBe(0)
    expect(said).toContain('PANIC: could not write\nerror: the database does not start\nhint: ')
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(broughtUp()).toEqual(['db'])
  })

  it('an API that dies at its start › is no success, and Caddy is not touched', async () => {
    const { code, said } = await up(`
      case "$verb" in
        'exec -T api node healthcheck.js '*) echo 'answered 503' >&2; exit 1 ;;
        'inspect '*' id-of-api') [[ "$verb" != *Status* ]] || printf 'exited '; echo 0; exit ;;
      esac`)

    expect(code).toBe(1)
    expect(said).toContain('error: the API does not start')
    expect(broughtUp()).not.toContain('caddy')
  })

  it('a bystander that is not well › is told of in a line, and the start is a success', async () => {
    shorten('bystanders_timeout_s=15')
    const { code, said } = await up(`
      if [[ "$verb" == 'ps --all --format '* ]]; then echo 'backup running healthy'; echo 'drill restarting '; exit; fi`)

    expect(code).toBe(0)
    expect(said).toContain(
      'warning: drill is not well yet (restarting), the site runs without it: make logs SERVICE=drill',
    )
    expect(said).not.toContain('warning: backup')
  })
})

describe('a restore', () => {
  const provide = (faults: string) => {
    copy.engine(engineWith(faults))
    writeFileSync(join(copy.root, '.env'), 'PGDATA_VOLUME=old\n')
    return copy.start('provide-server.sh').ended
  }

  it('a database that recovers for long › is waited for and not set aside', async () => {
    const { code, said } = await provide(`
      [[ "$verb" != 'up '*--wait-timeout* ]] || exit 1
      if [[ "$verb" == 'exec id-of-db sh -c pg_isready '* ]] && tries turns 2; then echo starting; exit 1; fi`)

    expect({ code, said }).toEqual({ code: 0, said: '' })
  })

  it('a container that cannot be made › says nothing of the data, and nothing is set aside', async () => {
    const { code, said } = await provide(`[[ "$verb" != 'up '* ]] || exit 1`)

    expect(code).toBe(1)
    expect(said).toContain('error: the container of the database cannot be started')
    expect(said).not.toContain('does not start from its volume')
  })

  it('a database that died › is set aside after a question', async () => {
    const { code, said } = await provide(`
      case "$verb" in
        'exec id-of-db sh -c pg_isready '*) exit 2 ;;
        'inspect '*' id-of-db') [[ "$verb" != *Status* ]] || printf 'exited '; echo 0; exit ;;
      esac`)

    expect(code).toBe(1)
    expect(said).toContain('the database does not start from its volume old')
    expect(said).toContain('error: nobody is there to answer the question')
    expect(existsSync(join(copy.root, 'brought'))).toBe(true)
  })
})
