import { existsSync } from 'node:fs'
import { mkdtemp, open, readFile, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { joinInto, spawnProgram } from '../../../../src/kit/host/spawn-program.ts'
import { until } from '../../support/until.ts'

const environment = { PATH: process.env['PATH'] ?? '' }

it('what a program said before it ended reaches a reader that begins to read only afterwards', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-join-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const pidFile = join(folder, 'pid')
  const args = ['-c', `echo $$ >'${pidFile}'; echo said`]

  const { made } = await spawnProgram({ command: 'sh', args, environment }, async (output) => {
    await until('the program has ended', async () => {
      const pid = existsSync(pidFile) ? (await readFile(pidFile, 'utf8')).trim() : ''
      return pid !== '' && !existsSync(`/proc/${pid}`)
    })
    return text(output)
  })

  expect(made).toBe('said\n')
})

it('a reader of a program that is not there is not left waiting', async () => {
  const call = spawnProgram({ command: 'no-such-program', args: [], environment }, text)

  await expect(call).rejects.toThrow('no-such-program cannot be run (ENOENT)')
})

function shell(script: string) {
  return { command: 'sh', args: ['-c', script], environment }
}

describe('a program whose output goes past this process', () => {
  const openTarget = async (): Promise<{ handle: FileHandle; content: () => Promise<string> }> => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-join-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'target')
    const handle = await open(file, 'wx')
    onTestFinished(() => handle.close())
    return { handle, content: () => readFile(file, 'utf8') }
  }

  it('fills a file through another one, which sees its end', async () => {
    const { handle, content } = await openTarget()
    // More than a pipe holds, so that one waits for the other.
    const source = shell('head -c 1000000 /dev/zero | tr "\\0" a')

    const outer = await joinInto(shell('tr a b'), handle.fd, (stdin) => joinInto(source, stdin))

    expect(outer).toMatchObject({ ending: 'exit code 0', produced: { status: 'fulfilled' } })
    expect(outer.produced).toMatchObject({ value: { ending: 'exit code 0' } })
    expect(await content()).toBe('b'.repeat(1_000_000))
  })

  it('is told by its own ending, and by what became of whoever fills it', async () => {
    const { handle } = await openTarget()
    const source = shell('echo unfinished; kill -9 $$')

    const killed = await joinInto(shell('cat'), handle.fd, (stdin) => joinInto(source, stdin))
    const left = await joinInto(shell('exit 3'), handle.fd, () =>
      Promise.reject(new Error('nothing to pour')),
    )

    expect(killed).toMatchObject({ ending: 'exit code 0', produced: { value: { ending: 'SIGKILL' } } })
    expect(left).toMatchObject({
      ending: 'exit code 3',
      produced: { reason: { message: 'nothing to pour' } },
    })
  })

  it('is not waited for when it is not there, nor is whoever would fill it begun', async () => {
    const { handle } = await openTarget()
    const produce = vi.fn(() => Promise.resolve())

    const call = joinInto({ command: 'no-such-program', args: [], environment }, handle.fd, produce)

    await expect(call).rejects.toThrow('no-such-program cannot be run (ENOENT)')
    expect(produce).not.toHaveBeenCalled()
  })
})
