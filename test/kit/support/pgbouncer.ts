import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, chmodSync, rmSync, writeFileSync, chownSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { inject, onTestFinished } from 'vitest'
import { serverAccount } from '../../../src/kit/postgres/server-account.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

const installer = fileURLToPath(new URL('install-pgbouncer.sh', import.meta.url))

/** The program, unpacked from Debian packages once per machine; undefined where that is not possible. */
export function findPgbouncer(): string | undefined {
  const named = process.env['TEST_PGBOUNCER']
  if (named !== undefined && named !== '') return named
  const { status, stdout } = spawnSync(installer, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  if (status === 0) return stdout.trim()
  if (process.env['CI'] === 'true') throw new Error('PgBouncer could not be installed')
  process.stdout.write(
    'left out: the tests behind PgBouncer (test/kit/support/install-pgbouncer.sh failed)\n',
  )
  return undefined
}

interface PoolerSettings {
  program: string
  mode: 'session' | 'transaction'
  /** Further lines of its section [pgbouncer]. */
  extra?: string[]
}

export interface Pooler {
  /** The same database by way of the pooler. */
  through: (url: string) => string
  /** As PgBouncer's RECONNECT: server connections begin anew. */
  reconnect: () => Promise<void>
}

/** PgBouncer before the PostgreSQL of this run, for the roles that the tests use; gone when the test ends. */
export async function openPooler({ program, mode, extra = [] }: PoolerSettings): Promise<Pooler> {
  const { host, port, rolePasswords, superuserPassword } = inject('postgres')
  const folder = mkdtempSync(join(tmpdir(), 'slipway-pgbouncer-'))
  const listenPort = await freePort()
  const users = { ...rolePasswords, postgres: superuserPassword }
  writeFileSync(
    join(folder, 'users.txt'),
    Object.entries(users)
      .map(([name, password]) => `"${name}" "${password.replaceAll('"', '""')}"\n`)
      .join(''),
  )
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    [
      '[databases]',
      `* = host=${host} port=${port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${listenPort}`,
      'unix_socket_dir =',
      'auth_type = scram-sha-256',
      `auth_file = ${join(folder, 'users.txt')}`,
      `admin_users = postgres`,
      `pool_mode = ${mode}`,
      ...extra,
      '',
    ].join('\n'),
  )
  chmodSync(folder, 0o755)
  // PgBouncer refuses to run as root.
  const account = await serverAccount(folder)
  if (account !== undefined)
    for (const name of ['users.txt', 'pgbouncer.ini']) chownSync(join(folder, name), account.uid, account.gid)
  const child = spawn(program, [join(folder, 'pgbouncer.ini')], { ...account, cwd: '/' })
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (log += String(text)))
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const admin = postgres({
    ...{ host: '127.0.0.1', port: listenPort, username: 'postgres', password: superuserPassword },
    ...{ database: 'pgbouncer', max: 1, fetch_types: false, backoff: () => 0.05 },
    onnotice: () => undefined,
  })
  onTestFinished(() => admin.end({ timeout: 0 }))
  await until('PgBouncer answers', () => admin.unsafe('show version').then(Boolean, () => false), {
    explain: () => log,
  })
  return {
    through: (url) => {
      const address = new URL(url)
      address.hostname = '127.0.0.1'
      address.port = String(listenPort)
      return address.href
    },
    reconnect: async () => {
      await admin.unsafe('reconnect')
      await admin.unsafe('wait_close')
    },
  }
}
