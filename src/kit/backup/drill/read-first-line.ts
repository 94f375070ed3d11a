import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { CommandError } from '../../errors.ts'
import { longestLineBytes } from './drill-protocol.ts'

const lineEnd = 0x0a

function broken(): CommandError {
  return new CommandError('failed', 'the hand-over broke off in its first line', {
    hint: 'make logs SERVICE=backup',
  })
}

/** Removes its listeners: a long line arrives in many chunks. */
async function moreOf(source: Readable): Promise<void> {
  const heard = new AbortController()
  const { signal } = heard
  try {
    await Promise.race([once(source, 'readable', { signal }), once(source, 'end', { signal })])
  } finally {
    heard.abort()
  }
}

/** Reads the stream up to the first line break. The remaining bytes stay in the stream. */
export async function readFirstLine(source: Readable): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  while (length <= longestLineBytes) {
    const chunk = source.read() as Buffer | null
    if (chunk === null) {
      if (source.readableEnded || source.destroyed) throw broken()
      await moreOf(source)
      continue
    }
    const end = chunk.indexOf(lineEnd)
    if (end >= 0) {
      if (end + 1 < chunk.length) source.unshift(chunk.subarray(end + 1))
      return Buffer.concat([...parts, chunk.subarray(0, end)]).toString('utf8')
    }
    parts.push(chunk)
    length += chunk.length
  }
  throw broken()
}
