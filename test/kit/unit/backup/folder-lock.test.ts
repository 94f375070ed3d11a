import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder } from '../../../../src/kit/host/folder-lock.ts'

describe('folder lock', () => {
  let folder: string

  const writeOwner = async (owner: Record<string, unknown>): Promise<void> => {
    await mkdir(join(folder, '.lock'))
    const rest = { since: '2026-11-22T03:15:00.000Z', why: 'backup' }
    await writeFile(join(folder, '.lock', 'owner.json'), JSON.stringify({ ...rest, ...owner }))
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-lock-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('refuses a second one and says who holds it', async () => {
    const lock = await lockFolder(folder, 'backup')

    await expect(lockFolder(folder, 'backup')).rejects.toMatchObject({
      exit: 'busy',
      publicMessage: expect.stringContaining(`process ${process.pid} on ${hostname()}`) as string,
    })
    await lock.release()
    await (await lockFolder(folder, 'backup')).release()
    expect(await readdir(folder)).toEqual([])
  })

  it('lets one of many through, and names it to the others though it has only just begun', async () => {
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder, 'backup')))

    const refusals = all.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []))
    expect(refusals).toHaveLength(19)
    expect(refusals.filter((said) => !said.includes(`process ${process.pid} on ${hostname()}`))).toEqual([])
  })

  it('takes the place of a process that is gone', async () => {
    const child = spawn('true')
    await once(child, 'exit')
    await writeOwner({ host: hostname(), pid: child.pid, startedAt: '1' })

    const lock = await lockFolder(folder, 'backup')

    const owner = JSON.parse(await readFile(join(folder, '.lock', 'owner.json'), 'utf8')) as { pid: number }
    expect(owner.pid).toBe(process.pid)
    await lock.release()
  })

  it('is not fooled by another process that got the same number', async () => {
    await writeOwner({ host: hostname(), pid: process.pid, startedAt: '1' })

    await (await lockFolder(folder, 'backup')).release()
  })

  it('waits for the silence of a holder on another host before it takes its place', async () => {
    await writeOwner({ host: 'a-container-that-was-replaced', pid: 1, startedAt: '1' })

    await expect(lockFolder(folder, 'backup')).rejects.toMatchObject({ exit: 'busy' })
    const longAgo = new Date(Date.now() - 61_000)
    await utimes(join(folder, '.lock'), longAgo, longAgo)
    await (await lockFolder(folder, 'backup')).release()
  })

  it('does not take a lock that is just being made', async () => {
    await mkdir(join(folder, '.lock'))

    await expect(lockFolder(folder, 'backup')).rejects.toMatchObject({ exit: 'busy' })
  })
})
