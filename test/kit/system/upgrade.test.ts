import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { archiveInfo } from '../support/stack-database.ts'
import { compose, docker, eventually, ops, request, sql, stack } from '../support/stack.ts'

// Each starts the stack anew, some of them twice.
vi.setConfig({ testTimeout: 300_000 })

const yes = { YES: '1' }
function upgrade(env = {}, ...args: string[]) {
  return ops('upgrade-postgres.sh', args, { ...yes, ...env })
}

function setting(key: string) {
  return new RegExp(`^${key}=(.*)$`, 'm').exec(readFileSync(stack().envFile, 'utf8'))?.[1]
}

async function major() {
  return Number(await sql("SELECT current_setting('server_version_num')::int / 10000"))
}
function rows() {
  return sql('SELECT count(*) FROM cargo')
}
async function health() {
  return (await request('/api/health/db')).status
}

async function volumes() {
  return (
    await docker('volume', 'ls', '--quiet', '--filter', `label=com.docker.compose.project=${stack().project}`)
  )
    .split('\n')
    .filter((name) => /pgdata|upgrade/.test(name))
}

function copier() {
  return docker('ps', '--quiet', '--filter', `name=${stack().project}-upgrade-run`).then(
    (ids) => ids.trim() || undefined,
  )
}

async function isMaintained() {
  return (await health()) === 503 || undefined
}

/** As the shell is killed with kill -9: with all it has started. */
async function killInTheMiddle(to: number): Promise<void> {
  const facts = stack()
  const script = spawn(join(facts.root, 'ops/upgrade-postgres.sh'), [`TO=${to}`], {
    env: { ...process.env, ENV_FILE: facts.envFile, COMPOSE_PROJECT_NAME: facts.project, ...yes },
    detached: true,
    stdio: 'ignore',
  })
  const ended = once(script, 'exit')
  await eventually('the site is shut', isMaintained, 120_000)
  const id = await eventually('the copy is under way', copier, 60_000)
  expect(await docker('inspect', '--format', '{{.HostConfig.NetworkMode}}', id)).toBe('none\n')
  process.kill(-(script.pid ?? 0), 'SIGKILL')
  await ended
}

/** The engine, but for the migrations on the new server: as one that comes up and is of no use, or as the script's end. */
function engineThat(does: 'fails' | 'kills', version: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-engine-'))
  const script = `#!/bin/bash
if [[ "$*" == *' migrate' ]] && grep -q '^POSTGRES_VERSION=${version}$' '${stack().envFile}'; then ${does === 'kills' ? 'kill -9 $PPID; ' : ''}exit 1; fi
exec "$(PATH=\${PATH#*:} command -v docker)" "$@"
`
  writeFileSync(join(folder, 'docker'), script)
  chmodSync(join(folder, 'docker'), 0o755)
  return folder
}

describe('upgrade to the next major', () => {
  let before: string[]
  let from: number
  let to: number

  beforeAll(async () => {
    await sql('CREATE TABLE cargo AS SELECT n, md5(n::text) FROM generate_series(1, 20000) n')
    await sql('ALTER TABLE cargo OWNER TO owner')
    // A drill by the schedule holds the backups folder for seconds.
    await eventually('a backup is taken', () => ops('backup.sh'), 180_000)
    await eventually('it is verified', () => ops('verify-backup.sh', ['', 'portable']), 180_000)
    before = await volumes()
    from = await major()
    to = from + 1
  })

  afterAll(async () => {
    if ((await major()) !== from) await upgrade({}, 'BACK=1')
    await sql('DROP TABLE IF EXISTS cargo')
  })

  it('to the major that runs › is refused with 52, and nothing was touched', async () => {
    await expect(upgrade({}, `TO=${from}`)).rejects.toMatchObject({ code: 52 })

    expect(await volumes()).toEqual(before)
    expect(await health()).toBe(200)
  })

  it('what does not get ready › is taken back by itself', async () => {
    const folder = engineThat('fails', to)
    try {
      await expect(upgrade({ PATH: `${folder}:${process.env['PATH'] ?? ''}` }, `TO=${to}`)).rejects.toThrow(
        /going back to the volume/,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }

    expect(await major()).toBe(from)
    expect(await rows()).toBe('20000')
    expect(await volumes()).toEqual(before)
    expect(await health()).toBe(200)
  })

  it('killed in the middle › the old server is the live one, and BACK=1 opens the site on it', async () => {
    await killInTheMiddle(to)
    // The old server, as it was left: nobody reaches it but through the socket.
    await expect(compose('exec', '-T', 'db', 'pg_isready', '--host=127.0.0.1')).rejects.toThrow()
    expect(await major()).toBe(from)
    expect(setting('POSTGRES_VERSION')).not.toBe(String(to))

    const said = await upgrade({}, 'BACK=1')

    expect(said).toContain('an upgrade was killed in the middle')
    expect(await major()).toBe(from)
    expect(await rows()).toBe('20000')
    expect(await volumes()).toEqual(before)
    expect(await health()).toBe(200)
  })

  it('killed in the switch › the settings are of the new server, and BACK=1 brings up the old one', async () => {
    const folder = engineThat('kills', to)
    try {
      await expect(
        upgrade({ PATH: `${folder}:${process.env['PATH'] ?? ''}` }, `TO=${to}`),
      ).rejects.toMatchObject({ signal: 'SIGKILL' })
    } finally {
      rmSync(folder, { recursive: true })
    }
    expect(setting('POSTGRES_VERSION')).toBe(String(to))
    expect(await health()).toBe(503)

    await upgrade({}, 'BACK=1')

    expect(await major()).toBe(from)
    expect(await rows()).toBe('20000')
    expect(await volumes()).toEqual(before)
    expect(await health()).toBe(200)
  })

  it('make upgrade-postgres › brings everything, archives anew, and keeps the old volume', async () => {
    const said = await upgrade({}, `TO=${to}`)

    expect(said).toMatch(/same +slipway: \d+ rows/)
    expect(said).toContain('the API is ready')
    expect(await major()).toBe(to)
    expect(await rows()).toBe('20000')
    expect(await health()).toBe(200)
    expect(await volumes()).toEqual(expect.arrayContaining(before))
    // A base backup of the new cluster was taken at once.
    expect(await archiveInfo()).toMatch(
      new RegExp(`db \\(current\\)\\s+wal archive min/max \\(${to}\\)[^]*full backup`),
    )
  })

  it('BACK=1 › returns to the old server, and says what stays behind', async () => {
    await sql('INSERT INTO cargo VALUES (0)')

    const said = await upgrade({}, 'BACK=1')

    expect(said).toMatch(/leaves +what was written since then/)
    expect(await major()).toBe(from)
    expect(await rows()).toBe('20000')
    expect(await health()).toBe(200)
    await expect(upgrade({}, 'BACK=1')).rejects.toMatchObject({
      code: 53,
      stderr: expect.stringContaining('is not one that an upgrade has made') as string,
    })
  })
})
