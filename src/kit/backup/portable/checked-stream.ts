import { createHash } from 'node:crypto'
import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream'
import { CommandError } from '../../errors.ts'
import type { StoredContent } from './manifest.ts'

/** Passes on what comes, always one piece behind, and gives out the last one only when the whole was right. */
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
  // A fault of either one ends the other; whoever reads the checker gets it as an error.
  return pipeline(source, new Checker(content.plainSha256, name), () => undefined)
}
