import { createHash } from 'node:crypto'
import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream'
import { CommandError } from '../../errors.ts'
import type { StoredContent } from './manifest.ts'

/** Passes data on one chunk late, and releases the last chunk only when the hash of all content matches. */
class Checker extends Transform {
  readonly #hash = createHash('sha256')
  #held: Buffer | undefined
  readonly #expected: string
  readonly #name: string

  constructor(expected: string, name: string) {
    super()
    this.#expected = expected
    this.#name = name
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#hash.update(chunk)
    const ready = this.#held
    this.#held = chunk
    done(null, ready)
  }

  override _flush(done: TransformCallback): void {
    if (this.#hash.digest('hex') === this.#expected) done(null, this.#held)
    else {
      const sentence = `backup ${this.#name} cannot be trusted: its content is not what the manifest says`
      done(new CommandError('verification_failed', sentence, { hint: 'use another one: make backups' }))
    }
  }
}

export function checkedStream(source: Readable, content: StoredContent, name: string): Readable {
  // pipeline() destroys both streams on an error; the reader of the checker receives it.
  return pipeline(source, new Checker(content.plainSha256, name), () => undefined)
}
