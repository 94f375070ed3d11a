import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runProgram, type Programs } from '../../postgres/run-program.ts'

/** Unlike `for await`, keeps the stream open when the consumer stops early. */
async function* piecesOf(iterator: AsyncIterator<Buffer, undefined>): AsyncGenerator<Buffer> {
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
}

async function readToTheEnd(iterator: AsyncIterator<Buffer, undefined>): Promise<void> {
  while ((await iterator.next()).done !== true);
}

/**
 * Returns the output of pg_restore for the start of a dump. pg_restore exits after the part that it needs;
 * the rest is read nevertheless, so that the stream can verify the content.
 */
export async function readDumpStart(dump: Readable, programs: Programs, args: string[]): Promise<string> {
  const iterator = (dump as AsyncIterable<Buffer>)[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
  try {
    const input = Readable.from(piecesOf(iterator))
    const run = { programs, name: 'pg_restore', args, input, mayLeaveInput: true } as const
    const printed = await runProgram(run, text)
    await readToTheEnd(iterator)
    return printed
  } finally {
    dump.destroy()
  }
}
