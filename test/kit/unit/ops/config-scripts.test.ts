import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answer, openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'
import { until } from '../../support/until.ts'

const secret = `it's "a" $secret 100 %`
const settings = {
  OFFSITE_S3_ENDPOINT: 'https://s3.example.com',
  OFFSITE_S3_BUCKET: 'ship',
  OFFSITE_S3_ACCESS_KEY_ID: 'the-id',
  OFFSITE_S3_SECRET_ACCESS_KEY: secret,
}
const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`)
const input = lines.join('')

let copy: OpsCopy

beforeEach(() => {
  copy = openOpsCopy()
})
afterEach(() => copy.close())

/** What a run holds while it runs. */
function heldBy(script: string): string[] {
  const folder = join(copy.root, '.data')
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${script}.`)) : []
}
function inHeld(script: string, file: string): string {
  return readFileSync(join(copy.root, '.data', heldBy(script)[0] ?? 'none', file), 'utf8')
}
function runs(): string[] {
  return copy.asked().filter((line) => line.startsWith('run '))
}
/** The container waits for a file, having put a secret where a restore unpacks. */
const waiting = `
if [[ $1 == run ]]; then
  for folder in "$root"/.data/restore-config.*; do [[ ! -d $folder ]] || echo unpacked >"$folder/secret"; done
  touch "$root/waits"
  until [[ -e "$root/go" ]]; do sleep 0.02; done
fi`
function isWaiting() {
  return until('the container runs', () => existsSync(join(copy.root, 'waits')))
}

describe.each([
  { script: 'fetch-config', holds: 'OFFSITE_S3_SECRET_ACCESS_KEY', content: secret },
  { script: 'restore-config', holds: 'secret', content: 'unpacked\n' },
])('make $script', ({ script, holds, content }) => {
  it('again after kill -9 › nothing is left of the secrets that were there', async () => {
    copy.engine(waiting)
    const killed = copy.start(`${script}.sh`, [], { input })
    await isWaiting()
    expect(inHeld(script, holds)).toBe(content)
    await killed.kill()
    expect(inHeld(script, holds)).toBe(content)

    copy.engine('[[ $1 != run ]] || exit 55')
    const { code } = await copy.start(`${script}.sh`, [], { input }).ended

    expect(code).toBe(55)
    expect(heldBy(script)).toEqual([])
  })

  it('a second one at the same time › is refused, and leaves the first what it holds', async () => {
    copy.engine(waiting)
    const first = copy.start(`${script}.sh`, [], { input })
    await isWaiting()

    const second = await copy.start(`${script}.sh`, [], { input }).ended

    expect(second).toEqual({
      code: 1,
      said: expect.stringMatching(new RegExp(`^error: another '${script}' is running \\(pid \\d+`)) as string,
    })
    expect(inHeld(script, holds)).toBe(content)
    expect(runs()).toHaveLength(1)
    // Nothing was unpacked that could be put back.
    copy.engine('exit 1')
    writeFileSync(join(copy.root, 'go'), '')
    await first.ended
    expect(heldBy(script)).toEqual([])
  })

  it('an option that it does not know › is refused with examples, and the engine is not asked', async () => {
    const { code, said } = await copy.start(`${script}.sh`, ['FRMO=latest']).ended

    expect(code).toBe(1)
    expect(said).toMatch(
      new RegExp(`^error: unknown option FRMO=latest\nhint: ops/${script}\\.sh .*\nops/${script}\\.sh .*\n$`),
    )
    expect(copy.asked()).toEqual([])
  })

  it('a file that is not there › is named, and the engine is not asked', async () => {
    const option = script === 'fetch-config' ? 'S3' : 'KEY'

    const { code, said } = await copy.start(`${script}.sh`, [`${option}=/media/stick/none`]).ended

    expect(code).toBe(1)
    expect(said).toMatch(
      /^error: the (key )?file \/media\/stick\/none is not there, or not for you to read\n/,
    )
    expect(copy.asked()).toEqual([])
  })
})

describe('make fetch-config', () => {
  /** The container sees to it that the test sees what it was given. */
  const keeping = `
if [[ $1 == run ]]; then
  mkdir "$root/given"
  cp "$root"/.data/fetch-config.*/OFFSITE_S3_*_KEY* "$root/given"
  echo 20261122T031500Z-a1b2c3.tar.age
fi`
  const given = (key: string): string => readFileSync(join(copy.root, 'given', key), 'utf8')

  it('FROM and S3 › reach the container, and the keys are in files alone', async () => {
    const stick = join(copy.root, 'media stick')
    mkdirSync(stick)
    writeFileSync(join(stick, 's3.env'), input)
    copy.engine(keeping)

    const { code, said } = await copy.start('fetch-config.sh', [
      'FROM=20261122T031500Z-a1b2c3',
      `S3=${join(stick, 's3.env')}`,
    ]).ended

    expect({ code, said }).toEqual({ code: 0, said: '20261122T031500Z-a1b2c3.tar.age\n' })
    expect(runs()).toEqual([expect.stringMatching(/ config fetch -- 20261122T031500Z-a1b2c3$/)])
    expect(runs()[0]).toContain('--env OFFSITE_S3_BUCKET=ship')
    expect([given('OFFSITE_S3_ACCESS_KEY_ID'), given('OFFSITE_S3_SECRET_ACCESS_KEY')]).toEqual([
      'the-id',
      secret,
    ])
    expect(copy.asked().join('\n')).not.toContain(secret)
  })

  it('at a terminal › asks for each line, and the secret key is not shown', async () => {
    copy.engine(keeping)
    const asked = {
      'OFFSITE_S3_ENDPOINT: ': settings.OFFSITE_S3_ENDPOINT,
      'OFFSITE_S3_BUCKET: ': settings.OFFSITE_S3_BUCKET,
      'OFFSITE_S3_REGION: ': '',
      'OFFSITE_S3_PREFIX: ': 'a prefix',
      'OFFSITE_S3_CA_FILE: ': '',
      'OFFSITE_S3_ACCESS_KEY_ID: ': settings.OFFSITE_S3_ACCESS_KEY_ID,
      'OFFSITE_S3_SECRET_ACCESS_KEY: ': secret,
    }

    const script = copy.start('fetch-config.sh', [], { isTerminal: true })
    await answer(script, asked)
    const { code, said } = await script.ended

    expect(code).toBe(0)
    expect(said).toContain(`OFFSITE_S3_ACCESS_KEY_ID: ${settings.OFFSITE_S3_ACCESS_KEY_ID}`)
    expect(said).not.toContain(secret)
    expect([given('OFFSITE_S3_ACCESS_KEY_ID'), given('OFFSITE_S3_SECRET_ACCESS_KEY')]).toEqual([
      'the-id',
      secret,
    ])
    expect(runs()[0]).toContain('--env OFFSITE_S3_PREFIX=a prefix ')
    expect(runs()[0]).toContain('--env OFFSITE_S3_REGION= ')
    expect(copy.asked().join('\n')).not.toContain(secret)
    expect(heldBy('fetch-config')).toEqual([])
  })

  it('at a terminal without the secret key › says that it is missing, and fetches nothing', async () => {
    const script = copy.start('fetch-config.sh', [], { isTerminal: true })
    const keys = [
      ...['ENDPOINT', 'BUCKET', 'REGION', 'PREFIX', 'CA_FILE', 'ACCESS_KEY_ID', 'SECRET_ACCESS_KEY'],
    ]
    const typed = keys.map((key) => [`OFFSITE_S3_${key}: `, key === 'SECRET_ACCESS_KEY' ? '' : 'x'] as const)
    await answer(script, Object.fromEntries(typed))
    const { code, said } = await script.ended

    expect(code).toBe(1)
    expect(said).toContain('error: OFFSITE_S3_SECRET_ACCESS_KEY is missing')
    expect(runs()).toEqual([])
    expect(heldBy('fetch-config')).toEqual([])
  })
})

describe('make restore-config', () => {
  it('at a terminal › asks for the recovery key, does not show it, and hands it on by standard input', async () => {
    copy.engine(`
if [[ $1 == run ]]; then cat >"$root/key"; exit 55; fi`)

    const script = copy.start('restore-config.sh', [], { isTerminal: true })
    await answer(script, { 'Recovery key (it is not shown): ': secret })
    const { code, said } = await script.ended

    expect(code).toBe(55)
    expect(said).not.toContain(secret)
    expect(readFileSync(join(copy.root, 'key'), 'utf8')).toBe(`${secret}\n`)
    expect(copy.asked().join('\n')).not.toContain(secret)
  })

  it.each([
    { args: [], code: 54, put: false },
    { args: ['YES='], code: 54, put: false },
    { args: ['YES=1'], code: 0, put: true },
    { args: ['--yes'], code: 0, put: true },
  ])('with $args over a .env that is there › puts back: $put', async ({ args, code, put }) => {
    // Reads the key to its end, as the container does: else whoever hands it over ends by SIGPIPE.
    copy.engine(`
if [[ $1 == run ]]; then
  cat >/dev/null
  for folder in "$root"/.data/restore-config.*; do touch "$folder/env"; done
fi`)
    writeFileSync(join(copy.root, '.env'), '')
    writeFileSync(join(copy.root, 'ops/put-config.sh'), '#!/bin/bash\ntouch "${0%/*}/was-put"\n')

    const ended = await copy.start('restore-config.sh', args, { input }).ended

    expect(ended.code).toBe(code)
    expect(existsSync(join(copy.root, 'ops/was-put'))).toBe(put)
  })
})
