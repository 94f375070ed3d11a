import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { isAlive } from '../../../../src/kit/postgres/postmaster-pid.ts'
import { until } from '../../support/until.ts'
import { openDrillFixture, type DrillFixture } from './drill-fixture.ts'
import { postgresTools } from './postgres-tools.ts'

/** Only root can mount a small disk. */
const isRoot = process.getuid?.() === 0

describe.skipIf(postgresTools === undefined)('a drill that meets a fault', { timeout: 120_000 }, () => {
  let at: DrillFixture
  let name: string

  const note = (): Promise<Record<string, unknown>> => at.json('state', 'last-drill-portable.json')
  const serverPid = async (): Promise<number> =>
    Number((await readFile(join(at.handoffFolder, 'work', 'data', 'postmaster.pid'), 'utf8')).split('\n')[0])
  /** The disposable server runs, and the restore waits. */
  const untilInTheMiddle = async (): Promise<number> => {
    await until('the drill is in the middle', () => at.service.log().includes('"step":"restore"'), {
      deadlineMs: 60_000,
      explain: at.service.log,
    })
    return serverPid()
  }
  const untilClean = (): Promise<unknown> =>
    until('nothing is left of the drill', () => at.leftovers().length === 0, {
      deadlineMs: 30_000,
      explain: () => at.leftovers().join(' ') + at.service.log(),
    })
  /** The server runs as another user when the tests run as root. */
  const folderForAll = async (): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), 'volume-'))
    onTestFinished(() => rm(made, { recursive: true, force: true }))
    await chmod(made, 0o755)
    return made
  }
  const openGate = (): Promise<void> => rm(at.gate, { force: true })

  beforeAll(async () => {
    at = await openDrillFixture(postgresTools ?? '', 'faults')
    name = await at.create()
  })
  afterAll(() => at.close())
  beforeEach(async () => {
    at.service.forget()
    await writeFile(at.gate, '')
    await rm(join(at.folder, name, 'proof.json'), { force: true })
  })

  it('fails when the drill process is killed, and the next drill finds a clean house', async () => {
    const { ended } = at.startDrill()
    const pid = await untilInTheMiddle()

    at.service.process().kill('SIGKILL')

    expect(await ended).toMatchObject({ code: 57 })
    expect(await note()).toMatchObject({
      ok: false,
      sentence: 'the drill service ended in the middle of the drill',
    })
    await untilClean()
    expect(isAlive(pid)).toBe(false)
    await openGate()
    expect(await at.drill(), at.service.log()).toMatchObject({ code: 0 })
  })

  it('sweeps when the process that asked for it is killed', async () => {
    const { child, ended } = at.startDrill()
    const pid = await untilInTheMiddle()

    child.kill('SIGKILL')
    await ended

    await untilClean()
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(join(at.folder, name, 'proof.json'))).toBe(false)
    await openGate()
    expect(await at.drill(), at.service.log()).toMatchObject({ code: 0 })
  })

  it('is stopped by SIGTERM, which is no failure of the backup', async () => {
    const { child, ended } = at.startDrill()
    await untilInTheMiddle()
    const before = existsSync(join(at.folder, 'state', 'last-drill-portable.json')) ? await note() : undefined

    child.kill('SIGTERM')

    expect(await ended).toMatchObject({ code: 143 })
    if (before !== undefined) expect(await note()).toEqual(before)
    await untilClean()
  })

  it('ends when its time is up', async () => {
    const { ended } = at.startDrill({ BACKUP_DRILL_TIMEOUT_MS: '12000' })
    await untilInTheMiddle()

    expect(await ended).toMatchObject({
      code: 57,
      stderr: expect.stringContaining('did not end within 12 s') as string,
    })
    await untilClean()
  })

  it('refuses a second one at the same time, with exit code 20', async () => {
    const { ended } = at.startDrill()
    await untilInTheMiddle()

    const second = await at.drill()
    await openGate()

    expect(second).toMatchObject({
      code: 20,
      stderr: expect.stringContaining('in use: drill since') as string,
    })
    expect(await ended).toMatchObject({ code: 0 })
    expect(await note()).toMatchObject({ ok: true })
  })

  it('notices that the drill service hangs', async () => {
    const { ended } = at.startDrill()
    await untilInTheMiddle()
    const hung = at.service.process()
    hung.kill('SIGSTOP')

    expect(await ended).toMatchObject({
      code: 57,
      stderr: expect.stringContaining('fallen silent') as string,
    })
    hung.kill('SIGKILL')
    await untilClean()
  })

  it.skipIf(!isRoot)(
    'fails when the volume of the drill is too small, and leaves nothing in it',
    async () => {
      const small = await folderForAll()
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', small]).status).toBe(0)
      const other = await at.serviceAt(small)
      try {
        await openGate()

        const ended = await at.drill([], { BACKUP_DRILL_FOLDER: small })

        expect(ended).toMatchObject({
          code: 57,
          stderr: expect.stringMatching(/has \d+ MiB free and needs/) as string,
        })
        expect(await note()).toMatchObject({ ok: false, fault: 'no_space' })
        expect(at.leftovers(small)).toEqual([])
      } finally {
        await other.close()
        spawnSync('umount', [small])
      }
    },
  )

  it.skipIf(!isRoot)('gives up before it takes the last space of a disk that it shares', async () => {
    const shared = await folderForAll()
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=700m', 'tmpfs', shared]).status).toBe(0)
    const other = await at.serviceAt(shared)
    try {
      const { ended } = at.startDrill({ BACKUP_DRILL_FOLDER: shared })
      await until('the drill is in the middle', () => other.log().includes('"step":"restore"'), {
        deadlineMs: 60_000,
      })

      spawnSync('fallocate', ['-l', '560m', join(shared, 'of-somebody-else')])

      expect(await ended).toMatchObject({ code: 57 })
      expect(await note()).toMatchObject({ ok: false, fault: 'no_space' })
      await until('nothing is left', () => at.leftovers(shared).join() === 'of-somebody-else')
    } finally {
      await other.close()
      spawnSync('umount', [shared])
    }
  })

  it('fails when there is no drill service', async () => {
    const nobody = join(at.folder, 'nobody')
    await mkdir(nobody, { recursive: true })

    const ended = await at.drill([], { BACKUP_DRILL_FOLDER: nobody })

    expect(ended).toMatchObject({
      code: 57,
      stderr: expect.stringContaining('the drill service does not answer') as string,
    })
    expect(await note()).toMatchObject({ ok: false, fault: 'unreachable' })
  })

  it('fails when there is no backup', async () => {
    const empty = join(at.folder, 'empty')
    await mkdir(empty, { recursive: true })

    const ended = await at.drill([], { BACKUP_FOLDER: empty })

    expect(ended).toMatchObject({
      code: 57,
      stderr: expect.stringContaining('no portable backup is proven: there is no backup yet') as string,
    })
    expect(await at.json('empty', 'state', 'last-drill-portable.json')).toMatchObject({
      ok: false,
      subject: '',
      fault: 'not_found',
    })
  })

  it('fails when the dump is damaged, and the drill never took it for whole', async () => {
    await openGate()
    const file = join(at.folder, name, 'database.dump')
    const content = await readFile(file)
    const flipped = Buffer.from(content)
    flipped[content.length - 40] = (flipped[content.length - 40] ?? 0) ^ 1
    await writeFile(file, flipped)

    const ended = await at.drill()
    await writeFile(file, content)

    expect(ended).toMatchObject({
      code: 57,
      stderr: expect.stringContaining('its content is not what the manifest says') as string,
    })
    await untilClean()
  })
})
