import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { feed } from '../../../../src/kit/host/spawn-program.ts'
import { writeContent, type ContentPlace } from '../../../../src/kit/backup/portable/write-content.ts'

async function openPlace(): Promise<ContentPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-content-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return { folder, recipients: null, identityFile: '', searchPath: process.env['PATH'] ?? '' }
}

function produceText(content: string) {
  return (target: Writable) => feed(Readable.from([content]), target)
}

it('content is written, and read back from the disk to its end', async () => {
  const place = await openPlace()
  const content = 'row\n'.repeat(300_000)
  const sha256 = createHash('sha256').update(content).digest('hex')

  const written = await writeContent('rows', place, produceText(content), text)

  expect(written.made).toBe(content)
  expect(await readFile(join(place.folder, 'rows'), 'utf8')).toBe(content)
  const bytes = content.length
  expect(written.content).toEqual({ file: 'rows', bytes, sha256, plainBytes: bytes, plainSha256: sha256 })
})

it('what cannot be read back ends whoever would go on writing for hours', async () => {
  const endless = async (_target: Writable, signal: AbortSignal): Promise<void> => {
    if (!signal.aborted) await once(signal, 'abort')
    throw new Error('told to end')
  }

  const call = writeContent('rows', await openPlace(), endless, () =>
    Promise.reject(new Error('not to be read')),
  )

  await expect(call).rejects.toThrow('not to be read')
})

it('a fault of whoever writes is the reason, not that its half cannot be read', async () => {
  const half = async (target: Writable): Promise<never> => {
    await produceText('half a ')(target)
    throw new Error('the server is gone')
  }
  const readWhole = async (plain: Readable): Promise<void> => {
    if (!(await text(plain)).endsWith('whole')) throw new Error('it is cut')
  }

  await expect(writeContent('rows', await openPlace(), half, readWhole)).rejects.toThrow('the server is gone')
})

it('a file that is there already is left alone', async () => {
  const place = await openPlace()
  await writeContent('rows', place, produceText('first'), text)

  await expect(writeContent('rows', place, produceText('second'), text)).rejects.toThrow('EEXIST')
  expect(await readFile(join(place.folder, 'rows'), 'utf8')).toBe('first')
})
