import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream'
import { CommandError } from '../../errors.ts'
import { bufferBytes } from '../../host/buffer-bytes.ts'
import type { Programs } from '../../postgres/run-program.ts'
import { parseContents } from './contents.ts'
import { listDump } from './list-dump.ts'

/** pg_dump writes an empty block after the rows of each table: a sign and a length of four bytes, all zero. */
const endMark = Buffer.alloc(5)

/** Passes data through and keeps the last bytes. */
class EndTap extends Transform {
  #last = Buffer.alloc(0)

  constructor() {
    super({ highWaterMark: bufferBytes })
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#last = Buffer.concat([this.#last, chunk.subarray(-endMark.length)]).subarray(-endMark.length)
    done(null, chunk)
  }

  get isMarked(): boolean {
    return this.#last.equals(endMark)
  }
}

/**
 * Returns the output of `pg_restore --list` for a new dump, and checks its end mark: a program between
 * pg_dump and the disk may have truncated it without an error, and age authenticates only what it
 * received. Throws CommandError.
 */
export async function readNewDump(plain: Readable, programs: Programs): Promise<string> {
  const end = new EndTap()
  const listing = await listDump(
    pipeline(plain, end, () => undefined),
    programs,
  )
  if (end.isMarked || parseContents(listing).size === 0) return listing
  throw new CommandError('verification_failed', 'the dump breaks off before its end', {
    hint: 'take another backup; read the log of the service',
  })
}
