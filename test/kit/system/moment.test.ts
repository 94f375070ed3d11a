import { readFileSync } from 'node:fs'

import { beforeAll, describe, expect, it } from 'vitest'

import { archiveInfo, liveVolume } from '../support/stack-database.ts'
import { compose, docker, ops, request, sql, stack } from '../support/stack.ts'

function backup(...args: string[]) {
  return compose('exec', '-T', 'backup', 'node', 'backup.js', ...args)
}

function steps() {
  return sql("SELECT coalesce(string_agg(i::text, ',' ORDER BY i), '') FROM steps")
}

const moments: string[] = []

beforeAll(async () => {
  await sql('CREATE TABLE steps (i int)')
  await backup('base', '--full')
  for (const i of [1, 2, 3]) {
    await sql(`INSERT INTO steps VALUES (${i})`)
    moments.push(await sql('SELECT clock_timestamp()'))
    if (i === 2) await backup('restore-point', 'before-three')
  }
})

describe('restore to a moment', () => {
  it('make restore AT › brings what was committed before it, and archiving goes on', async () => {
    const before = await liveVolume()

    const said = await ops('restore.sh', [`AT=${moments[0] ?? ''}`, '--yes'])

    expect(said).toContain('every page has the right checksum')
    expect(said).toContain('the API is ready')
    expect(await steps()).toBe('1')
    expect(await liveVolume()).not.toBe(before)
    expect((await request('/api/health/db')).status).toBe(200)
    expect(await docker('volume', 'inspect', '--format', '{{.Name}}', before)).toContain(before)
    // A base backup of the new timeline was taken at once.
    expect(await sql('SELECT timeline_id FROM pg_control_checkpoint()')).toBe('2')
    expect(await archiveInfo()).toMatch(/wal start\/stop: 00000002/)
  })

  it('make restore-undo › brings back what was there', async () => {
    const said = await ops('restore-undo.sh', [], { YES: '1' })

    expect(said).toContain('the API is ready')
    expect(await steps()).toBe('1,2,3')
  })

  it('make restore NAME › with the database gone works all the same', async () => {
    await compose('rm', '--stop', '--force', 'db')

    await ops('restore.sh', ['NAME=before-three', '--yes'])

    expect(await steps()).toBe('1,2')
    expect((await request('/api/health/db')).status).toBe(200)
  })

  it('a moment that cannot be had › is refused with 53, and nothing was touched', async () => {
    const before = await liveVolume()
    // Its name alone tells whose it is: other copies on this host make volumes meanwhile.
    const ours = ['volume', 'ls', '--quiet', '--filter', `name=${stack().project}`]
    const volumes = await docker(...ours)
    const env = readFileSync(stack().envFile, 'utf8')

    await expect(ops('restore.sh', ['AT=2020-01-01 00:00:00+00', '--yes'])).rejects.toMatchObject({
      code: 53,
    })
    await expect(ops('restore.sh', ['AT=2099-01-01 00:00:00+00', '--yes'])).rejects.toThrow(
      /is not in the archive yet/,
    )
    await expect(ops('restore.sh', ['AT=latest'])).rejects.toThrow(/nobody is there to answer/)

    expect(await liveVolume()).toBe(before)
    expect(await docker(...ours)).toBe(volumes)
    expect(readFileSync(stack().envFile, 'utf8')).toBe(env)
  })
})
