import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readJobState } from '../../../../src/kit/backup/jobs/job-state.ts'
import { createAgeKey } from './age-keys.ts'
import { backupTools } from './backup-tools.ts'
import { openConfigStage, secretText, type ConfigStage } from './config-stage.ts'

describe.skipIf(backupTools === undefined)('the archive of the configuration', () => {
  const tools = backupTools ?? ''
  let stage: ConfigStage

  beforeEach(async () => {
    stage = await openConfigStage(tools)
  })
  afterEach(() => stage.close())

  const archives = async (): Promise<string[]> =>
    (await stage.landed()).filter((file) => file.endsWith('.tar.age'))
  const created = async (args?: string[]): Promise<string> => {
    const ended = await stage.create(args)
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/^\d+ files|^nothing/) as string })
    return ended.stdout
  }
  const fileOf = (name: string): string => join(stage.folder, `${name}.tar.age`)
  const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8)

  it('comes back whole with the recovery key alone: contents, modes, and nothing that Caddy makes anew', async () => {
    const name = await created()

    const { into, ...ended } = await stage.unpack(name, stage.recovery.identity)

    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining(`${name}: 5 files`) as string })
    const excluded = ['--exclude=locks', '--exclude=.caddy.before-*']
    execFileSync('diff', ['--recursive', ...excluded, stage.state, into])
    expect(await readdir(join(into, 'caddy_data/caddy'))).toEqual(['certificates'])
    expect(await modeOf(join(into, 'secrets/api/auth_secret'))).toBe('400')
    expect(await modeOf(join(into, 'secrets/api'))).toBe('700')
    expect(await modeOf(join(into, 'env'))).toBe('600')
  })

  it('opens by hand with nothing but age, tar and the recovery key, and its checksum with sha256sum', async () => {
    const name = await created()

    execFileSync('sha256sum', ['--check', `${name}.tar.age.sha256`], { cwd: stage.folder })
    const plain = execFileSync(join(tools, 'age'), ['-d', '-i', '-', fileOf(name)], {
      input: stage.recovery.identity,
    })
    const listing = spawnSync('tar', ['--list'], { input: plain })

    expect(listing.stdout.toString().split('\n').slice(0, 2)).toEqual(['manifest.json', 'caddy_data/'])
    expect(listing.stdout.toString()).toContain('secrets/backup/age_identity')
  })

  it('shows no secret: neither in the file, beside it, nor in what is said', async () => {
    const ended = await stage.create()

    const found = spawnSync('grep', ['-rlaF', secretText, join(stage.folder, '..')])

    expect(found.stdout.toString()).toBe('')
    expect(ended.stdout + ended.stderr).not.toContain(secretText)
  })

  it('is taken again only when something in it has changed', async () => {
    const first = await created(['--if-changed'])

    expect(await created(['--if-changed'])).toBe(first)
    await stage.write('secrets/api/auth_secret', 'another one')
    const second = await created(['--if-changed'])
    await chmod(join(stage.state, 'env'), 0o640)
    const third = await created(['--if-changed'])

    expect(new Set([first, second, third]).size).toBe(3)
    expect(await archives()).toHaveLength(3)
  })

  it('is taken again when the newest one is damaged', async () => {
    const first = await created()
    await truncate(fileOf(first), 100)

    expect(await created(['--if-changed'])).not.toBe(first)
  })

  it('keeps the ten newest that are fit, and neither counts nor removes a damaged one', async () => {
    const first = await created()
    const damaged = await created()
    await truncate(fileOf(damaged), 1_000)
    const pretend = async (n: number): Promise<void> => {
      const name = `20200101T00000${n}Z-aaaaa${n}`
      await copyFile(fileOf(first), fileOf(name))
      const sums = await readFile(`${fileOf(first)}.sha256`, 'utf8')
      await writeFile(`${fileOf(name)}.sha256`, sums.replace(first, name))
    }
    for (let n = 0; n < 10; n += 1) await pretend(n)

    const last = await created()

    const left = await archives()
    expect(left).toHaveLength(11)
    expect(left).toEqual(expect.arrayContaining([first, damaged, last].map((name) => `${name}.tar.age`)))
    expect(left).not.toContain('20200101T000001Z-aaaaa1.tar.age')
    expect(left).toContain('20200101T000002Z-aaaaa2.tar.age')
  })

  it('sweeps what a killed run left', async () => {
    await writeFile(join(stage.folder, '20261122T000000Z-aaaaaa.tar.age.partial'), 'half')
    await writeFile(join(stage.folder, '20261122T000000Z-aaaaaa.tar.age.sha256'), 'of one without a name')

    const name = await created()

    expect((await stage.landed()).toSorted()).toEqual([`${name}.tar.age`, `${name}.tar.age.sha256`])
  })

  it.each([
    ['with encryption off', { BACKUP_ENCRYPTION: 'off' }, 54, /archived encrypted or not at all/],
    ['without recipients', { BACKUP_AGE_RECIPIENTS_FILE: '/nowhere' }, 55, /names no recipient/],
    ['that the key of the host does not open', { BACKUP_AGE_IDENTITY_FILE: '/nowhere' }, 55, /holds no key/],
  ])('is not taken %s', async (_what, settings, code, said) => {
    const ended = await stage.create([], settings)

    expect(ended).toMatchObject({ code, stderr: expect.stringMatching(said) as string })
    expect(ended.stderr).toContain('hint: ')
    expect(await stage.landed()).toEqual([])
  })

  it('is not taken of half a state, or of a link to a secret somewhere else', async () => {
    await symlink('/etc/hostname', join(stage.state, 'secrets/api/linked'))
    expect(await stage.create()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('api/linked') as string,
    })

    await rm(join(stage.state, 'secrets/api/linked'))
    await rm(join(stage.state, 'env'))
    expect(await stage.create()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(': env\n') as string,
    })
    expect(await stage.landed()).toEqual([])
  })

  it.each([
    ['refuses', 'exit 1'],
    [
      'writes something else and says all is well',
      'case "$1" in --encrypt) cat >/dev/null; echo nothing ;; *) exec "$real" "$@" ;; esac',
    ],
    [
      'loses the end',
      'case "$1" in --encrypt) head -c 3000 | "$real" "$@"; cat >/dev/null ;; *) exec "$real" "$@" ;; esac',
    ],
  ])('leaves nothing when age %s', async (_what, script) => {
    const place = join(stage.state, '../fake')
    await mkdir(place)
    await writeFile(join(place, 'age'), `#!/bin/sh\nreal='${tools}/age'\n${script}\n`, { mode: 0o755 })

    const ended = await stage.create([], { PATH: `${place}:${tools}:${process.env['PATH'] ?? ''}` })

    expect(ended.code).toBeGreaterThan(0)
    expect(ended.stderr).toMatch(/^error: .+\nhint: /)
    expect(await stage.landed()).toEqual([])
  })

  it.each([
    ['of somebody else', () => createAgeKey(tools).identity],
    ['that is none', () => 'hunter2'],
    ['that is empty', () => ''],
  ])('stays shut, with nothing unpacked, under a key %s', async (_what, key) => {
    const name = await created()

    const { into, ...ended } = await stage.unpack(name, key())

    expect(ended).toMatchObject({
      code: 55,
      stderr: expect.stringMatching(
        /^error: the key does not open .*\nhint: it opens with the recovery key/,
      ) as string,
    })
    expect(await readdir(into)).toEqual([])
  })

  it.each([0, 100, 5_000])(
    'that was cut to %i bytes is known as damaged, with and without its checksum',
    async (bytes) => {
      const name = await created()
      await truncate(fileOf(name), bytes)

      for (const isAlone of [false, true]) {
        if (isAlone) await rm(`${fileOf(name)}.sha256`)
        const { into, ...ended } = await stage.unpack(name, stage.recovery.identity)
        expect(ended).toMatchObject({
          code: 50,
          stderr: expect.stringMatching(/^error: .+\nhint: use another one/) as string,
        })
        expect(await readdir(into)).toEqual([])
      }
    },
  )

  it('that is not there is said to be so', async () => {
    expect(await stage.unpack('latest', 'x')).toMatchObject({ code: 53 })
    expect(await stage.unpack('20261122T000000Z-aaaaaa', 'x')).toMatchObject({ code: 53 })
  })

  it('leaves a note for the alerts: when it was last taken or found unchanged, and whether that failed', async () => {
    const note = () => readJobState(join(stage.folder, '..'), 'config_archive')
    await created()
    const taken = await note()

    await created(['--if-changed'])
    const unchanged = await note()
    await rm(join(stage.state, 'env'))
    const failed = await stage.create()

    expect(taken).toMatchObject({ outcome: 'ok', failures: 0 })
    expect(unchanged).toMatchObject({ outcome: 'ok', succeededAt: expect.any(String) as string })
    expect(Date.parse(unchanged?.succeededAt ?? '')).toBeGreaterThan(Date.parse(taken?.succeededAt ?? ''))
    expect(failed.code).toBe(1)
    expect(await note()).toMatchObject({
      ...{ outcome: 'failed', failures: 1, succeededAt: unchanged?.succeededAt },
      sentence: 'not there to be archived: env',
    })
    // Beside the archives, which is all that the container can write to.
    expect(await readdir(join(stage.folder, '..'))).toEqual(['config'])
  })

  it('with encryption off is refused without a note: nobody has to be told again and again', async () => {
    expect(await stage.create([], { BACKUP_ENCRYPTION: 'off' })).toMatchObject({ code: 54 })

    expect(await readJobState(join(stage.folder, '..'), 'config_archive')).toBeUndefined()
  })
})
