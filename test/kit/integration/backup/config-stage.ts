import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createAgeKey, encryptFor, type AgeKey } from './age-keys.ts'
import { runCli, type Ended } from './run-cli.ts'

export interface ConfigStage {
  /** As it is mounted: env, secrets/, caddy_data/. */
  state: string
  /** Where archives land. */
  folder: string
  /** What is there of archives, half made ones too; the note of the last run stands in a folder of its own. */
  landed: () => Promise<string[]>
  host: AgeKey
  recovery: AgeKey
  write: (path: string, content: string, mode?: number) => Promise<void>
  create: (args?: string[], settings?: Record<string, string>) => Promise<Ended>
  /** Into a new folder, which is returned with how it ended. */
  unpack: (from: string, key: string) => Promise<Ended & { into: string }>
  close: () => Promise<void>
}

export const secretText = 'c0ffee-is-nobodys-business'

/** A state to archive, with keys of its own, and the command line as the container runs it. */
export async function openConfigStage(tools: string): Promise<ConfigStage> {
  const work = await mkdtemp(join(tmpdir(), "slipway config it's 🚢 "))
  const [state, backups] = [join(work, 'state'), join(work, 'backups')]
  const [host, recovery] = [createAgeKey(tools), createAgeKey(tools)]
  const write = async (path: string, content: string, mode = 0o400): Promise<void> => {
    const file = join(state, path)
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await rm(file, { force: true })
    await writeFile(file, content)
    await chmod(file, mode)
  }
  await mkdir(join(backups, 'config'), { recursive: true })
  await write('env', 'DOMAIN=example.com\n', 0o600)
  await write('secrets/backup/age_identity', `${host.identity}\n`)
  await write('secrets/backup/age_recipients', `${host.recipient}\n${recovery.recipient}\n`)
  await write('secrets/api/auth_secret', secretText)
  await write(`caddy_data/caddy/certificates/${'long-name.'.repeat(12)}example.com/key`, 'a key', 0o600)
  await write('caddy_data/caddy/locks/issue.lock', 'held')
  await write('caddy_data/.caddy.before-20261122T000000Z/old', 'set aside')
  const settings = {
    DATABASE_URL: 'postgres://nobody@localhost/none',
    BACKUP_FOLDER: backups,
    PATH: `${tools}:${process.env['PATH'] ?? ''}`,
    TMPDIR: work,
    ...(await encryptFor(work, host, recovery)),
  }
  return {
    state,
    folder: join(backups, 'config'),
    landed: async () => (await readdir(join(backups, 'config'))).filter((name) => name !== 'state'),
    host,
    recovery,
    write,
    create: (args = [], more = {}) =>
      runCli(['config', 'create', '--state', state, ...args], { ...settings, ...more }),
    unpack: async (from, key) => {
      const into = await mkdtemp(join(work, 'into-'))
      const operator = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`
      const args = ['config', 'unpack', from, '--into', into, '--operator', operator]
      return { ...(await runCli(args, settings, key)), into }
    },
    close: () => rm(work, { recursive: true, force: true }),
  }
}
