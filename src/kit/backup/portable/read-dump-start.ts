import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runProgram, type Programs } from '../../postgres/run-program.ts'

/** Unlike `for await`, leaves the stream open when whoever reads these pieces has had enough. */
async function* piecesOf(iterator: AsyncIterator<Buffer, undefined>): AsyncGenerator<Buffer> {
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
}

async function readToTheEnd(iterator: AsyncIterator<Buffer, undefined>): Promise<void> {
  while ((await iterator.next()).done !== true);
}

/**
 * What pg_restore prints of a dump when it is asked for what stands before the rows. It leaves once it has seen that; the rest
 * is read all the same, so that the stream can say whether it was right.
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
