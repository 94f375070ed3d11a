import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { joinProgram } from '../../../src/backup/join-program.ts'
import { until } from '../../support/until.ts'

const environment = { PATH: process.env['PATH'] ?? '' }

it('what a program said before it ended reaches a reader that begins to read only afterwards', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-join-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const pidFile = join(folder, 'pid')
  const args = ['-c', `echo $$ >'${pidFile}'; echo said`]

  const { made } = await joinProgram({ command: 'sh', args, environment }, async (output) => {
    await until('the program has ended', async () => {
      const pid = existsSync(pidFile) ? (await readFile(pidFile, 'utf8')).trim() : ''
      return pid !== '' && !existsSync(`/proc/${pid}`)
    })
    return text(output)
  })

  expect(made).toBe('said\n')
})

it('a reader of a program that is not there is not left waiting', async () => {
  const call = joinProgram({ command: 'no-such-program', args: [], environment }, text)

  await expect(call).rejects.toThrow('no-such-program cannot be run (ENOENT)')
})
