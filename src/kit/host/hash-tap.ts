import { createHash } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { bufferBytes } from './buffer-bytes.ts'

export interface FileDigest {
  bytes: number
  sha256: string
}

/** Counts and hashes chunks. */
export class Digest {
  readonly #hash = createHash('sha256')
  #bytes = 0

  update(piece: Buffer): void {
    this.#hash.update(piece)
    this.#bytes += piece.length
  }

  async *of(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      this.update(piece)
      yield piece
    }
  }

  /** Returns the result; call it once, after the last chunk. */
  end(): FileDigest {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }
}

/** Transform that counts and hashes the bytes flowing through it. */
export class HashTap extends Transform {
  readonly #digest = new Digest()

  constructor() {
    super({ highWaterMark: bufferBytes })
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#digest.update(chunk)
    done(null, chunk)
  }

  /** Returns the result; call it once, after the stream has ended. */
  digest(): FileDigest {
    return this.#digest.end()
  }
}
