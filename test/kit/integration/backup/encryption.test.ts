import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isBackupName } from '../../../../src/kit/backup/portable/backup-name.ts'
import { parseManifest } from '../../../../src/kit/backup/portable/manifest.ts'
import type { AnyRole } from '../../support/postgres-facts.ts'
import { createAgeKey, encryptFor } from './age-keys.ts'
import { backupTools } from './backup-tools.ts'
import { exceptVersion, makeFakeTools } from './fake-tools.ts'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli, startCli, until, untilFile } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

const secretText = 'the customer lives in Vienna'

describe.skipIf(postgresTools === undefined || backupTools === undefined)('encryption', () => {
  const tools = backupTools ?? ''
  let server: ToolsServer
  let url: (role: AnyRole) => string
  let folder: string
  let work: string
  let encrypted: Record<string, string>
  const [host, recovery, stranger] =
    backupTools === undefined ? [] : [createAgeKey(tools), createAgeKey(tools), createAgeKey(tools)]

  const settings = (more: Record<string, string> = {}): Record<string, string> => ({
    PATH: `${tools}:${process.env['PATH'] ?? ''}`,
    DATABASE_URL: url('backup'),
    BACKUP_FOLDER: folder,
    BACKUP_PG_BIN: server.tools,
    TMPDIR: work,
    ...encrypted,
    ...more,
  })
  const create = (more?: Record<string, string>) => runCli(['create'], settings(more))
  const keyTest = (key: string) => runCli(['key-test'], settings(), `${key}\n`)
  const entries = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name !== 'state' && name !== '.lock')
  const manifestOf = async (name: string) =>
    parseManifest(await readFile(join(folder, name, 'manifest.json'), 'utf8'))
  /** Else it is the true one. */
  const onEncrypting = (script: string): string =>
    `case "$*" in *--encrypt*) ${script} ;; *) exec "$real" "$@" ;; esac`
  /** The roles come first, then the dump. */
  const onEncryptingRoles = (script: string): string =>
    onEncrypting(`if [ -e "$0.roles" ]; then exec "$real" "$@"; else touch "$0.roles"; ${script}; fi`)
  const onEncryptingDump = (script: string): string =>
    onEncrypting(`if [ -e "$0.roles" ]; then ${script}; else touch "$0.roles"; exec "$real" "$@"; fi`)
  /** A folder with an `age` of ours; `$real` is the true one. */
  const withFakeAge = async (script: string): Promise<Record<string, string>> => {
    const place = await mkdtemp(join(work, 'age-'))
    await writeFile(join(place, 'age'), `#!/bin/sh\nreal='${tools}/age'\n${script}\n`)
    await chmod(join(place, 'age'), 0o755)
    return { PATH: `${place}:${tools}:${process.env['PATH'] ?? ''}` }
  }

  beforeAll(async () => {
    server = await openToolsServer(postgresTools ?? '')
    url = await server.createDatabase('encrypted')
    const owner = openClient(url('migrator'))
    await owner.unsafe(
      `create table notes as select n, '${secretText}' as note from generate_series(1, 5000) n`,
    )
    await owner.end()
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-encrypted-'))
    work = await mkdtemp(join(tmpdir(), 'slipway-encrypted-work-'))
    if (host === undefined || recovery === undefined) throw new Error('no keys')
    encrypted = await encryptFor(work, host, recovery)
  })
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
    await rm(work, { recursive: true, force: true })
  })

  it('leaves a dump that either key opens by hand, and nobody else', async () => {
    const ended = await create()

    expect(ended).toMatchObject({ code: 0 })
    const manifest = await manifestOf(ended.stdout)
    expect(manifest?.encryption).toEqual({ kind: 'age', recipients: [host?.recipient, recovery?.recipient] })
    const file = join(folder, ended.stdout, 'database.dump.age')
    for (const key of [host, recovery]) {
      const plain = execFileSync(join(tools, 'age'), ['-d', '-i', '-', file], { input: key?.identity ?? '' })
      expect(createHash('sha256').update(plain).digest('hex')).toBe(manifest?.dump.plainSha256)
      expect(plain.length).toBe(manifest?.dump.plainBytes)
      const listing = spawnSync(join(server.tools, 'pg_restore'), ['--list'], { input: plain })
      expect(listing.stdout.toString()).toContain('TABLE DATA public notes')
    }
    const other = spawnSync(join(tools, 'age'), ['-d', '-i', '-', file], { input: stranger?.identity ?? '' })
    expect(other.status).toBe(1)
  })

  it('writes nothing plain to a disk, neither while it runs nor afterwards', async () => {
    const marker = join(work, 'dumping')
    const slow = await makeFakeTools(server.tools, {
      pg_dump: exceptVersion(
        'pg_dump',
        `touch '${marker}'\n"$real/pg_dump" -Z0 "$@" || exit 1\nwhile [ -e '${marker}' ]; do sleep 0.05; done`,
      ),
    })
    const { ended } = startCli(['create'], settings({ BACKUP_PG_BIN: slow }))
    await untilFile(marker)
    await until('something was written', async () => (await grep('age-encryption.org')).length > 0)

    const during = [...(await grep('PGDMP')), ...(await grep(secretText))]
    await rm(marker)

    expect(await ended).toMatchObject({ code: 0 })
    expect(during).toEqual([])
    expect([...(await grep('PGDMP')), ...(await grep(secretText))]).toEqual([])
  })

  /** Files below the folders of the backup that hold this text; pg_dump was told not to compress. */
  const grep = (what: string): Promise<string[]> => {
    const found = spawnSync('grep', ['-rlaF', '--exclude-dir=age-*', what, folder, work], {
      encoding: 'utf8',
    })
    return Promise.resolve(found.stdout.split('\n').filter((line) => line !== ''))
  }

  it('is read back with the key of the host by verify, which says when that is the wrong one', async () => {
    const name = (await create()).stdout

    expect(await runCli(['verify', name], settings())).toMatchObject({ code: 0 })
    await writeFile(join(work, 'age_identity'), stranger?.identity ?? '')
    expect(await runCli(['verify', name], settings())).toMatchObject({
      code: 55,
      stderr: expect.stringMatching(/^error: the key does not open database.dump.age: .*\nhint: /) as string,
    })
    await writeFile(join(work, 'age_identity'), '')
    expect(await runCli(['verify', name], settings())).toMatchObject({
      code: 55,
      stderr: expect.stringContaining('holds no key') as string,
    })
  })

  it.each([
    ['missing', undefined, 'names no recipient'],
    ['empty', '# nobody\n', 'names no recipient'],
    ['of another kind', 'ssh-ed25519 AAAA\n', 'no public key of age'],
  ])(
    'takes no backup when the recipients are %s, unless it is switched off',
    async (_what, content, said) => {
      await rm(join(work, 'age_recipients'))
      if (content !== undefined) await writeFile(join(work, 'age_recipients'), content)

      const ended = await create()

      expect(ended).toMatchObject({ code: 55, stderr: expect.stringContaining(said) as string })
      expect(ended.stderr).toContain('hint: ')
      expect(await entries()).toEqual([])
      expect(await create({ BACKUP_ENCRYPTION: 'off' })).toMatchObject({ code: 0 })
    },
  )

  it('takes no backup that the host could not read back', async () => {
    await writeFile(join(work, 'age_identity'), '# lost\n')

    expect(await create()).toMatchObject({
      code: 55,
      stderr: expect.stringMatching(
        /^error: .*age_identity holds no key to decrypt with\nhint: put /,
      ) as string,
    })
    expect(await entries()).toEqual([])
  })

  it.each([
    ['refuses', 'exit 1'],
    ['stops reading and says all is well', 'head -c 1000 >/dev/null; exit 0'],
    ['fails after the last byte', 'cat | "$real" "$@"; exit 1'],
    ['is killed', 'head -c 1000 >/dev/null; kill -9 $$'],
    ['loses the end of the roles without a word', onEncryptingRoles('head -c -100 | "$real" "$@"')],
    [
      'loses most of the dump without a word',
      onEncryptingDump('head -c 3000 | "$real" "$@"; cat >/dev/null'),
    ],
    ['loses the end of the dump without a word', onEncryptingDump('head -c -100 | "$real" "$@"')],
    [
      'writes a byte of the dump that is another',
      onEncryptingDump(`"$real" "$@" | { head -c 600; head -c 1 | tr '\\0-\\377' '\\1-\\377\\0'; cat; }`),
    ],
  ])('leaves nothing when age %s', async (_what, script) => {
    const ended = await create(await withFakeAge(script))

    expect(ended.code).toBeGreaterThan(0)
    expect(ended.stderr).toMatch(/^error: .+\nhint: /)
    expect((await entries()).filter((name) => isBackupName(name) || name.endsWith('.partial'))).toEqual([])
  })

  it('says that age is not there', async () => {
    const place = join(work, 'empty')
    await mkdir(place)

    expect(await create({ PATH: place })).toMatchObject({
      code: 55,
      stderr: expect.stringContaining('age cannot be run (ENOENT)') as string,
    })
  })

  it('tests the recovery key on the newest backup, and notes the day', async () => {
    const name = (await create()).stdout

    const ended = await keyTest(recovery?.identity ?? '')

    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining(`opens ${name}`) as string })
    const noted = JSON.parse(await readFile(join(folder, 'state/recovery-key-test.json'), 'utf8')) as unknown
    expect(noted).toMatchObject({ backup: name, recipient: recovery?.recipient })
    const seen = ended.stdout + ended.stderr + JSON.stringify(noted)
    expect(seen).not.toContain(recovery?.identity)
  })

  it('gives the recovery key to age through a pipe: neither its arguments nor its environment hold it', async () => {
    await create()
    const log = join(work, 'seen')
    const spying = await withFakeAge(`{ printf '%s\\n' "$@"; env; } >>'${log}'\nexec "$real" "$@"`)

    const ended = await runCli(['key-test'], settings(spying), recovery?.identity)

    expect(ended).toMatchObject({ code: 0 })
    expect(await readFile(log, 'utf8')).toContain('--decrypt')
    expect(await readFile(log, 'utf8')).not.toContain('AGE-SECRET')
  })

  it.each([
    ['of somebody else', () => stranger?.identity, 'encrypted for other keys'],
    ['of the host', () => host?.identity, 'the key of the host itself'],
    ['that is none', () => 'AGE-SECRET-KEY-1QQQ', 'no key of age'],
    ['that is empty', () => '', 'no key of age'],
  ])('does not take a key %s for the recovery key', async (_what, key, said) => {
    await create()

    expect(await keyTest(key() ?? '')).toMatchObject({
      code: 55,
      stderr: expect.stringContaining(said) as string,
    })
    expect(await readdir(join(folder, 'state'))).not.toContain('recovery-key-test.json')
  })

  it('does not count a test of a key on a backup that is damaged or not encrypted', async () => {
    const name = (await create()).stdout
    const file = join(folder, name, 'database.dump.age')
    const content = await readFile(file)
    content[content.length - 5] = (content[content.length - 5] ?? 0) ^ 1
    await writeFile(file, content)
    expect(await keyTest(recovery?.identity ?? '')).toMatchObject({ code: 50 })

    await create({ BACKUP_ENCRYPTION: 'off' })
    expect(await keyTest(recovery?.identity ?? '')).toMatchObject({ code: 54 })
  })
})
