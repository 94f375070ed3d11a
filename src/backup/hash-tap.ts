import { createHash } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { bufferBytes } from './buffer-bytes.ts'
import type { FileDigest } from './hash-file.ts'

/** Hashes what flows through it. */
export class HashTap extends Transform {
  readonly #hash = createHash('sha256')
  #bytes = 0

  constructor() {
    super({ highWaterMark: bufferBytes })
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#hash.update(chunk)
    this.#bytes += chunk.length
    done(null, chunk)
  }

  /** Once, when all of it has flowed through. */
  digest(): FileDigest {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }
}
