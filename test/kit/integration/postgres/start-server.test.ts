import { existsSync, statSync, writeFileSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { embeddedPrograms } from '../../../../src/kit/postgres/embedded-programs.ts'
import { makeCluster } from '../../../../src/kit/postgres/make-cluster.ts'
import { postgresOptions } from '../../../../src/kit/postgres/postgres-options.ts'
import { isAlive } from '../../../../src/kit/postgres/postmaster-pid.ts'
import { serverAccount } from '../../../../src/kit/postgres/server-account.ts'
import { openSocketFolder, socketParameters, socketUrl } from '../../../../src/kit/postgres/socket-folder.ts'
import { startServer, type RunningServer } from '../../../../src/kit/postgres/start-server.ts'
import type { ServerPlace } from '../../../../src/kit/postgres/server-program.ts'
import { until } from '../../support/until.ts'
import { databaseSettings } from '../../support/pool-settings.ts'

function explainEnd(lines: string[]): Error {
  return new Error(`ended: ${lines.join(' | ')}`)
}

describe('the launcher of PostgreSQL and initdb', () => {
  let home: string
  let place: ServerPlace
  let sockets: string

  const start = (more: Record<string, string> = {}, signal?: AbortSignal): Promise<RunningServer> =>
    startServer({
      ...place,
      parameters: { ...socketParameters(sockets), fsync: 'off', ...more },
      ...(signal === undefined ? {} : { signal }),
      explainEnd,
    })

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'slipway launcher é-'))
    await chmod(home, 0o755)
    const account = await serverAccount(join(home, 'data'))
    const programs = await embeddedPrograms(join(home, 'native'), account)
    sockets = await openSocketFolder('launcher', account)
    place = { programs, account, data: join(home, 'data'), log: join(home, 'server.log') }
    await makeCluster(place, { isDurable: false, explainEnd })
  })
  afterAll(async () => {
    for (const folder of [home, sockets]) await rm(folder, { recursive: true, force: true })
  })

  it('lets in over a socket, without any variable of this process', async () => {
    process.env['SLIPWAY_LEAK'] = 'seen'
    const server = await start()
    onTestFinished(() => server.stop('immediate').then(() => undefined))
    const url = socketUrl(sockets, 'postgres', 'postgres')
    const sql = postgres(
      postgresOptions({ ...databaseSettings, url, applicationName: 'launcher', poolSize: 1 }),
    )

    await sql.unsafe(`create temp table environment (line text); copy environment from program 'env'`)
    const names = await sql<{ name: string }[]>`select split_part(line, '=', 1) as name from environment`

    expect(names.map(({ name }) => name)).toEqual(expect.arrayContaining(['PATH', 'TZ']))
    expect(names).not.toContainEqual({ name: 'SLIPWAY_LEAK' })
    await sql.end({ timeout: 1 })
    expect(await server.stop('clean')).toBe(0)
    expect(await server.stop('clean')).toBe(0)
  })

  it('fails with what the server said since this start when it ends at its start', async () => {
    writeFileSync(place.log, 'FATAL:  of an earlier start\n')

    const failed = start({ wal_level: 'no such level' })

    await expect(failed).rejects.toThrow(/ended: .*invalid value for parameter "wal_level"/)
    await expect(failed).rejects.not.toThrow('earlier start')
  })

  it('fails with the reason of its signal while the server recovers, and leaves no server', async () => {
    const stop = new AbortController()
    writeFileSync(join(place.data, 'recovery.signal'), '')
    const starting = start({ restore_command: 'sleep 5', hot_standby: 'off' }, stop.signal)
    const pid = await until('the server recovers', async () => {
      const lines = (await readFile(join(place.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
      return lines[7]?.trim() === 'starting' ? Number(lines[0]) : undefined
    })

    stop.abort(new Error('time is up'))

    await expect(starting).rejects.toThrow('time is up')
    expect(isAlive(pid)).toBe(false)
    await rm(join(place.data, 'recovery.signal'))
  })

  it('ends a server that is up when its signal is aborted', async () => {
    const stop = new AbortController()
    const server = await start({}, stop.signal)

    stop.abort()

    await server.exited
    expect(isAlive(server.pid)).toBe(false)
  })

  it('says which program is missing', async () => {
    const programs = { ...place.programs, folder: '/nowhere' }

    const failed = startServer({ ...place, programs, parameters: {}, explainEnd })

    await expect(failed).rejects.toThrow('ended: spawn /nowhere/postgres ENOENT')
  })

  it('makes a whole cluster or none, and leaves no password behind', async () => {
    const other = { ...place, data: join(home, 'other') }
    const settings = { superuserPassword: 'secret', isDurable: false, explainEnd }

    const failed = makeCluster(other, { ...settings, shape: ['--encoding=none'] })

    await expect(failed).rejects.toThrow(/ended: .*"none" is not a valid server encoding name/)
    expect(existsSync(other.data)).toBe(false)
    // As an initdb that was killed leaves it.
    writeFileSync(join(`${other.data}.partial`, 'PG_VERSION'), '16\n')
    await makeCluster(other, settings)
    expect(statSync(other.data).mode & 0o777).toBe(0o700)
    expect((await readdir(home)).filter((name) => name.startsWith('other'))).toEqual(['other'])
  })
})
