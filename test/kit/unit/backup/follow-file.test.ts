import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { followFile } from '../../../../src/kit/host/follow-file.ts'

type Writing = PromiseWithResolvers<undefined>

async function openFile(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-follow-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'growing')
  await writeFile(file, content)
  return file
}

async function next(pieces: AsyncGenerator<Buffer>): Promise<string | undefined> {
  const piece = (await pieces.next()) as IteratorResult<Buffer, undefined>
  return piece.value?.toString()
}

it.each([
  ['well', (over: Writing) => over.resolve(undefined)],
  ['in a fault', (over: Writing) => over.reject(new Error('the disk is full'))],
])('a file is followed to the end that it has when its writing is over %s', async (_how, settle) => {
  const file = await openFile('begun, ')
  const over = Promise.withResolvers<undefined>()
  over.promise.catch(() => undefined)
  const pieces = followFile(file, over.promise)

  expect(await next(pieces)).toBe('begun, ')
  const waiting = next(pieces)
  await appendFile(file, 'gone on, ')
  expect(await waiting).toBe('gone on, ')
  await appendFile(file, 'ended')
  settle(over)

  expect(await next(pieces)).toBe('ended')
  expect(await next(pieces)).toBeUndefined()
})

it('a file that nobody can open is a fault of whoever follows it', async () => {
  const file = await openFile('')

  await expect(followFile(`${file}-of-nobody`, Promise.resolve()).next()).rejects.toThrow('ENOENT')
})
