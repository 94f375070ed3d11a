import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { isAlive } from '../../../../src/kit/postgres/postmaster-pid.ts'
import { freePort } from '../../support/free-port.ts'
import { checkout } from '../../support/spawn-process.ts'
import { until } from '../../support/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway embedded é-'))
const execute = promisify(execFile)

interface Outcome {
  code: number
  text: string
}

async function run(verb: string, env: Record<string, string> = {}): Promise<Outcome> {
  const options = {
    cwd: checkout,
    timeout: 60_000,
    env: { PATH: process.env['PATH'], EMBEDDED_DATA_DIR: folder, HTTP_PORT: '0', METRICS_PORT: '0', ...env },
  }
  try {
    const { stdout, stderr } = await execute('ops/embedded.sh', [verb], options)
    return { code: 0, text: stdout + stderr }
  } catch (err) {
    const { code, stdout, stderr } = err as { code: number; stdout: string; stderr: string }
    return { code, text: stdout + stderr }
  }
}

function runningValue(key: string): string {
  return new RegExp(`^${key}=(.*)$`, 'm').exec(readFileSync(join(folder, 'embedded.env'), 'utf8'))?.[1] ?? ''
}

function pidIn(file: string): number {
  return Number(readFileSync(join(folder, file), 'utf8').split('\n')[0])
}

async function insertPerson(id: string): Promise<void> {
  const sql = postgres(runningValue('DATABASE_URL'), { max: 1 })
  await sql`insert into "user" (id, name, email, email_verified) values (${id}, ${id}, ${`${id}@example.org`}, false)`
  await sql.end({ timeout: 5 })
}

async function people(): Promise<string[]> {
  const sql = postgres(runningValue('DATABASE_URL'), { max: 1 })
  const rows = await sql<{ id: string }[]>`select id from "user" order by id`
  await sql.end({ timeout: 5 })
  return rows.map((row) => row.id)
}

afterEach(() => run('down'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('embedded mode', () => {
  it('comes up, shows where to look, and keeps its data over down and up', async () => {
    const up = await run('up')
    expect(up.code).toBe(0)
    expect(up.text).toContain('curl http://127.0.0.1:')
    expect(await (await fetch(`${runningValue('API_URL')}/api/health/db`)).json()).toMatchObject({
      status: 'ok',
      migrationsMissing: 0,
    })
    expect((await fetch(runningValue('SCRAPE_URL'))).status).toBe(200)
    await insertPerson('first')

    expect((await run('down')).code).toBe(0)
    expect((await run('status')).code).toBe(3)
    expect((await run('up')).code).toBe(0)

    expect(await people()).toEqual(['first'])
  })

  it('says so when it runs already, and leaves it alone', async () => {
    await run('up')
    const pid = pidIn('embedded.pid')

    const second = await run('up')

    expect(second.code).toBe(0)
    expect(second.text).toContain(`already running as pid ${pid}`)
    expect(pidIn('embedded.pid')).toBe(pid)
  })

  it('runs the code of now after the code has changed, and says so', async () => {
    await run('up')
    const pid = pidIn('embedded.pid')
    await insertPerson('before')
    writeFileSync(join(folder, 'embedded.code'), 'as it was before a change\n')

    const second = await run('up')

    expect(second.code).toBe(0)
    expect(second.text).toContain(`the code has changed since pid ${pid} started: restarting`)
    expect(pidIn('embedded.pid')).not.toBe(pid)
    expect(isAlive(pid)).toBe(false)
    expect(await people()).toContain('before')
    expect((await run('up')).text).toContain('already running')
  })

  it('recovers from a kill of the supervisor: the orphan goes, what was committed stays', async () => {
    await run('up')
    const postmaster = pidIn('postgres/data/postmaster.pid')
    await insertPerson('second')
    const supervisor = pidIn('embedded.pid')
    process.kill(supervisor, 'SIGKILL')
    await until('the supervisor is gone', () => !isAlive(supervisor))
    expect(isAlive(postmaster)).toBe(true)

    const up = await run('up')

    expect(up.code).toBe(0)
    expect(isAlive(postmaster)).toBe(false)
    expect(await people()).toContain('second')
  })

  it('leaves no process behind after down, also when the supervisor was killed', async () => {
    await run('up')
    const postmaster = pidIn('postgres/data/postmaster.pid')
    process.kill(pidIn('embedded.pid'), 'SIGKILL')

    const down = await run('down')

    expect(down.code).toBe(0)
    expect(isAlive(postmaster)).toBe(false)
  })

  it('ends when its PostgreSQL is killed, instead of serving errors for ever', async () => {
    await run('up')
    const supervisor = pidIn('embedded.pid')

    process.kill(pidIn('postgres/data/postmaster.pid'), 'SIGKILL')

    await until('the supervisor has ended', () => !isAlive(supervisor), { deadlineMs: 30_000 })
    expect(readFileSync(join(folder, 'embedded.log'), 'utf8')).toContain('"level":"fatal"')
    expect((await run('up')).code).toBe(0)
  })

  it('names the setting when a port is busy, and leaves nothing running', async () => {
    await run('up')
    const taken = new URL(runningValue('API_URL')).port
    const other = mkdtempSync(join(tmpdir(), 'slipway-embedded-'))

    const second = await run('up', { EMBEDDED_DATA_DIR: other, HTTP_PORT: taken })

    expect(second.code).toBe(1)
    expect(second.text).toContain(`error: port ${taken}/tcp (HTTP_PORT) is taken`)
    expect(second.text).toContain('HTTP_PORT')
    expect((await run('status', { EMBEDDED_DATA_DIR: other })).code).toBe(3)
    expect(() => statSync(join(other, 'postgres/data/postmaster.pid'))).toThrow('ENOENT')
    rmSync(other, { recursive: true, force: true })
  })

  it('lists every fault of its settings before it starts anything, with the exit code of wrong settings', async () => {
    const other = mkdtempSync(join(tmpdir(), 'slipway-embedded-'))

    const refused = await run('up', {
      EMBEDDED_DATA_DIR: other,
      EMBEDDED_POSTGRES_PORT: 'x',
      HTTP_PORT: 'many',
      LOG_LEVEL: 'loud',
    })

    expect(refused.code).toBe(2)
    expect(refused.text).toContain('error: the configuration has 3 faults\n')
    for (const key of ['EMBEDDED_POSTGRES_PORT', 'HTTP_PORT', 'LOG_LEVEL']) {
      expect(refused.text).toMatch(new RegExp(`^${key}: expected .+\\n {2}hint: `, 'm'))
    }
    expect(() => statSync(join(other, 'postgres'))).toThrow('ENOENT')
    rmSync(other, { recursive: true, force: true })
  })

  it('keeps passwords for its owner alone, and the API is the role that can do no DDL', async () => {
    await run('up', { EMBEDDED_POSTGRES_PORT: String(await freePort()) })

    expect(statSync(join(folder, 'embedded.json')).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'embedded.env')).mode & 0o777).toBe(0o600)
    expect(new URL(runningValue('DATABASE_URL')).username).toBe('app')
    const state = JSON.parse(readFileSync(join(folder, 'embedded.json'), 'utf8')) as Record<string, unknown>
    const log = readFileSync(join(folder, 'embedded.log'), 'utf8')
    expect(log).not.toContain(state['authSecret'] as string)
  })
})
