import { createHash } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { bufferBytes } from './buffer-bytes.ts'

export interface FileDigest {
  bytes: number
  sha256: string
}

/** Hashes pieces as they go by. */
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

  /** Once, when all have gone by. */
  end(): FileDigest {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }
}

/** Hashes what flows through it. */
export class HashTap extends Transform {
  readonly #digest = new Digest()

  constructor() {
    super({ highWaterMark: bufferBytes })
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#digest.update(chunk)
    done(null, chunk)
  }

  /** Once, when all of it has flowed through. */
  digest(): FileDigest {
    return this.#digest.end()
  }
}
