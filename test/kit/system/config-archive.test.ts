import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { compose, docker, ops, stack } from '../support/stack.ts'

let work: string
let archive: string

function archives(): string {
  return join(stack().folder, 'backups/config')
}
function hostKey(): string {
  return join(stack().folder, 'secrets/backup/age_identity')
}
function newest(): string {
  return (
    readdirSync(archives())
      .filter((file) => file.endsWith('.tar.age'))
      .toSorted()
      .at(-1) ?? ''
  )
}

/** On a machine without .env, on which nothing runs under the name that is asked for. */
function restoreElsewhere(...args: string[]): Promise<string> {
  return ops('restore-config.sh', args, {
    ENV_FILE: join(work, 'env'),
    COMPOSE_PROJECT_NAME: 'slipway-test-nobody',
    IMAGE_PREFIX: stack().project,
  })
}

async function endsWith(ending: Promise<string>): Promise<{ code: number; said: string }> {
  const err = await ending.then(
    () => ({ code: 0, stderr: '' }),
    (reason: unknown) => reason as { code: number; stderr: string },
  )
  return { code: err.code, said: err.stderr }
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'slipway-config-'))
  await ops('backup-config.sh')
  archive = newest()
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

it('make backup-config › leaves an encrypted archive that the backup service can copy and nobody else can read', async () => {
  const { mode, gid } = statSync(join(archives(), archive))
  const content = readFileSync(join(archives(), archive))

  expect(`${(mode & 0o777).toString(8)} ${gid}`).toBe('640 10001')
  expect(content.subarray(0, 21).toString()).toBe('age-encryption.org/v1')
  expect(content.includes(readFileSync(join(stack().folder, 'secrets/api/auth_secret')))).toBe(false)
  const said = await ops('backup-config.sh', ['--if-changed'])
  expect(said).toContain('nothing of the configuration has changed since')
})

it('make backups › lists it, and the metrics of the backup service say when somebody last looked', async () => {
  const listed = JSON.parse(
    await compose('exec', '-T', 'backup', 'node', 'backup.js', 'list', '--json'),
  ) as unknown
  const script =
    "fetch('http://127.0.0.1:9465/metrics').then((res) => res.text()).then((text) => console.log(text))"
  const metrics = await compose('exec', '-T', 'backup', 'node', '-e', script)

  const taken = expect.objectContaining({ name: archive.replace('.tar.age', ''), fault: null }) as object
  expect(listed).toMatchObject({ configuration: expect.arrayContaining([taken]) as object[] })
  expect(metrics).toMatch(/^backup_config_checked_timestamp_seconds \d+/m)
  // Out of the note that root has left, who alone reads all secrets.
  expect(metrics).toContain('backup_last_run_failed{job_name="config_archive"} 0')
})

it('make backup-config › with encryption off archives nothing, and make up says so', async () => {
  const before = readdirSync(archives())

  expect(await endsWith(ops('backup-config.sh', [], { BACKUP_ENCRYPTION: 'off' }))).toEqual({
    code: 54,
    said: expect.stringContaining('archived encrypted or not at all') as string,
  })
  expect(readdirSync(archives())).toEqual(before)
})

it('make restore-config › is refused while the stack runs', async () => {
  expect(await endsWith(ops('restore-config.sh', [`KEY=${hostKey()}`]))).toEqual({
    code: 54,
    said: expect.stringMatching(
      /^error: the stack slipway-test-\w+ is running .*\nhint: make down/,
    ) as string,
  })
})

it('make restore-config › keeps what is there unless YES=1 says otherwise', async () => {
  const secrets = join(stack().folder, 'secrets')
  const before = statSync(secrets).ino

  const ended = await endsWith(restoreElsewhere(`FROM=${join(archives(), archive)}`, `KEY=${hostKey()}`))

  expect(ended).toEqual({ code: 54, said: expect.stringContaining(`${secrets} is there already`) as string })
  expect(statSync(secrets).ino).toBe(before)
  expect(existsSync(join(work, 'env'))).toBe(false)
})

it('make restore-config › under a wrong key, or of a damaged archive, leaves nothing', async () => {
  const copy = join(work, archive)
  const key = join(work, 'wrong.key')
  const image = `${stack().project}/backup:local`
  writeFileSync(key, await docker('run', '--rm', '--network', 'none', '--entrypoint', 'age-keygen', image))
  const content = readFileSync(join(archives(), archive))
  writeFileSync(copy, content)

  expect((await endsWith(restoreElsewhere(`FROM=${copy}`, `KEY=${key}`))).code).toBe(55)
  content[2_000] = (content[2_000] ?? 0) ^ 1
  writeFileSync(copy, content)
  expect((await endsWith(restoreElsewhere(`FROM=${copy}`, `KEY=${hostKey()}`))).code).toBe(50)
  expect((await endsWith(restoreElsewhere(`FROM=${join(work, 'none.tar.age')}`, `KEY=${key}`))).said).toMatch(
    /^error: there is no archive at/,
  )
  const leftovers = readdirSync(join(stack().root, '.data')).filter((name) =>
    name.startsWith('restore-config'),
  )
  expect([leftovers, existsSync(join(work, 'env'))]).toEqual([[], false])
})
