import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { processesIn } from '../../drill/processes-in.ts'
import type { StageKind } from '../../drill/open-servers.ts'
import { openStage } from '../../drill/stage.ts'
import { createUndoStack } from '../../drill/undo-stack.ts'
import { spawnProcess } from '../../support/spawn-process.ts'
import { until } from '../../support/until.ts'

function foldersOf(pid: number): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(`slipway-drill-${pid}-`))
    .map((name) => `${tmpdir()}/${name}`)
}

function mountsIn(folder: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(`${folder}/`))
}

const isRoot = process.getuid?.() === 0

/** Begins a drill and waits until its server runs. */
async function beginDrill(fault: string) {
  const drill = spawnProcess('test/kit/drill/drill.ts', { TMPDIR: tmpdir() }, [`--only=${fault}`])
  onTestFinished(drill.close)
  // It bundles the processes first.
  const folder = await until('its folder is there', () => foldersOf(drill.pid)[0], {
    deadlineMs: 60_000,
    explain: () => drill.stdout() + drill.stderr(),
  })
  return { drill, folder }
}

function children(pid: number): string {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
}

function isGone(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return true
  }
}

describe('a drill that is ended by Ctrl-C', () => {
  it('stops what it started while it still opens its stage', async () => {
    const { drill, folder } = await beginDrill('network frozen')
    await until('a server process is there', () => processesIn(folder).length > 0)

    drill.kill('SIGINT')
    const { code } = await drill.exited

    expect(code).toBe(130)
    expect(processesIn(folder)).toEqual([])
    expect(foldersOf(drill.pid)).toEqual([])
  })

  it.runIf(isRoot).each([1, 2])(
    'stops its processes and unmounts its volumes in mid-fault (pressed %i times)',
    async (times) => {
      const { drill, folder } = await beginDrill('data volume full')
      await until('the API and the writers run', () => children(drill.pid).split(' ').length >= 3, {
        deadlineMs: 60_000,
        explain: () => drill.stdout() + drill.stderr(),
      })
      const started = children(drill.pid).split(' ').map(Number)
      expect(mountsIn(folder)).toHaveLength(2)

      drill.kill('SIGINT')
      if (times === 2) {
        await until('it has begun to end', () => started.some(isGone))
        drill.kill('SIGINT')
      }
      const { code } = await drill.exited

      expect(code).toBe(130)
      expect(processesIn(folder)).toEqual([])
      expect(mountsIn(folder)).toEqual([])
      expect(foldersOf(drill.pid)).toEqual([])
      expect(started.filter((pid) => !isGone(pid))).toEqual([])
    },
  )
})

describe('a drill that was killed', () => {
  it('is cleared up after by the next one', async () => {
    const { drill, folder } = await beginDrill('network frozen')
    await until('a server process is there', () => processesIn(folder).length > 0)
    await drill.close()

    const { drill: next } = await beginDrill('network frozen')
    next.kill('SIGINT')
    await next.exited

    expect(processesIn(folder)).toEqual([])
    expect(foldersOf(drill.pid)).toEqual([])
  })
})

describe('a stage that fails half-way', () => {
  it.each(['plain', 'with standby'] as StageKind[])('leaves nothing behind: %s', async (kind) => {
    const undo = createUndoStack()

    // A log level that is none ends the API at its start, when servers and proxy run already.
    const opening = openStage({ kind, undo, env: { LOG_LEVEL: 'nonsense' } })
    await expect(opening).rejects.toThrow('LOG_LEVEL')
    const [folder = 'none'] = foldersOf(process.pid)
    expect(processesIn(folder).length).toBeGreaterThan(0)
    await undo.close()

    expect(processesIn(folder)).toEqual([])
    expect(foldersOf(process.pid)).toEqual([])
  })
})
