import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../../../../src/kit/postgres/run-program.ts'

describe('a program with input', () => {
  let folder: string
  const writeScript = async (script: string): Promise<void> => {
    await writeFile(join(folder, 'pg_restore'), `#!/bin/sh\n${script}\n`)
    await chmod(join(folder, 'pg_restore'), 0o755)
  }
  const program = () => ({
    programs: { folder, searchPath: process.env['PATH'] ?? '' },
    name: 'pg_restore' as const,
    args: [],
  })
  const run = async (script: string, input: Readable): Promise<string> => {
    await writeScript(script)
    return runProgram({ ...program(), input }, text)
  }
  /** More than a pipe holds. */
  const many = Array.from({ length: 64 }, () => Buffer.alloc(64 * 1024, 'x'))

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-run-program-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('reads all of it', async () => {
    expect(await run('wc -c', Readable.from(many))).toMatch(/^4194304\n$/)
  })

  it('is not believed when its input broke off, though it took what came for the whole', async () => {
    const broken = Readable.from(
      (async function* () {
        yield* many
        await Promise.resolve()
        throw new Error('the checksum is another one')
      })(),
    )

    await expect(run('cat >/dev/null; exit 0', broken)).rejects.toThrow('the checksum is another one')
  })

  it('is thought to have met the limit of memory when it was killed without a word', async () => {
    await expect(run('kill -9 $$', Readable.from([]))).rejects.toMatchObject({
      publicMessage: 'pg_restore ended with SIGKILL: it said nothing',
      hint: expect.stringContaining('limits.memory') as string,
    })
  })

  it('is quoted in part where it says very much', async () => {
    const names = 'public.t1, '.repeat(20_000)
    await writeFile(join(folder, 'said'), `pg_restore: error: no locks\npg_restore: detail: LOCK ${names}\n`)

    await expect(run(`cat '${join(folder, 'said')}' >&2; exit 1`, Readable.from([]))).rejects.toThrow(
      /^pg_restore ended with exit code 1: pg_restore: error: no locks; pg_restore: detail: LOCK .{200,300} \.\.\.$/,
    )
  })

  it('is not believed when it left a part of its input unread', async () => {
    await expect(run('head -c 10 >/dev/null; exit 0', Readable.from(many))).rejects.toThrow(
      'pg_restore ended before its input did',
    )
  })

  it('may leave its input at any moment, also in the middle of a write, when that is allowed', async () => {
    await writeScript('exec head -c 100000 >/dev/null')
    const list = (): Promise<string> =>
      runProgram({ ...program(), input: Readable.from(many), mayLeaveInput: true }, text)

    // Several at once: at the end of one in ten a write is under way then, and of hardly any otherwise.
    for (let n = 0; n < 40; n += 1) {
      expect(await Promise.all([list(), list(), list(), list(), list()])).toEqual(['', '', '', '', ''])
    }
  }, 60_000)

  it('says why it ended, and not that the pipe broke', async () => {
    const script = `echo 'pg_restore: error: could not execute query' >&2; exit 1`

    await expect(run(script, Readable.from(many))).rejects.toThrow('could not execute query')
  })
})
