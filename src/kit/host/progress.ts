import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream'
import { readableAge, readableBytes } from './list-text.ts'

export interface Progress {
  advance: (bytes: number) => void
  end: () => void
}

export interface Expected {
  bytes: number
  /** True for an estimate from an earlier run. */
  isAbout: boolean
}

/** Opens a progress line. Without `expected` it shows only bytes done and rate. */
export type OpenProgress = (label: string, expected?: Expected) => Progress

export interface Terminal {
  write: (text: string) => void
  /** Monotonic clock. */
  nowMs: () => number
}

/** Returns to the first column and clears the line. */
export const eraseLine = '\r\u001b[K'

const shownEveryMs = 200
/** Work that ends sooner shows no progress. */
const quietMs = 1_000

function restText(doneBytes: number, elapsedMs: number, { bytes, isAbout }: Expected): string {
  const about = isAbout ? 'about ' : ''
  const leftMs = (elapsedMs / doneBytes) * (bytes - doneBytes)
  const percent = Math.floor((100 * doneBytes) / bytes)
  return ` of ${about}${readableBytes(bytes)}, ${percent} %, ${about}${readableAge(leftMs)} left`
}

/** Formats bytes done, rate and remaining time. */
export function progressText(
  label: string,
  { doneBytes, elapsedMs }: { doneBytes: number; elapsedMs: number },
  expected?: Expected,
): string {
  // Once the estimate is exceeded, the remaining bytes are unknown.
  const isKnown = expected !== undefined && doneBytes > 0 && doneBytes <= expected.bytes
  const rest = isKnown ? restText(doneBytes, elapsedMs, expected) : ''
  return `${label}: ${readableBytes(doneBytes)}${rest}, ${readableBytes(Math.round((1_000 * doneBytes) / elapsedMs))}/s`
}

/** Creates progress lines: one line, rewritten a few times a second at most and erased at the end. */
export function createProgress({ write, nowMs }: Terminal): OpenProgress {
  return (label, expected) => {
    const beginMs = nowMs()
    let doneBytes = 0
    let shownAtMs = beginMs + quietMs - shownEveryMs
    let isShown = false
    return {
      advance: (bytes) => {
        doneBytes += bytes
        const now = nowMs()
        if (now - shownAtMs < shownEveryMs) return
        shownAtMs = now
        isShown = true
        write(`${eraseLine}${progressText(label, { doneBytes, elapsedMs: now - beginMs }, expected)}`)
      },
      end: () => {
        if (isShown) write(eraseLine)
        isShown = false
      },
    }
  }
}

class Counter extends Transform {
  readonly #progress: Progress

  constructor(progress: Progress) {
    super()
    this.#progress = progress
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#progress.advance(chunk.length)
    done(null, chunk)
  }

  override _destroy(err: Error | null, done: (err: Error | null) => void): void {
    this.#progress.end()
    done(err)
  }
}

/** Returns the stream with its progress shown, or `source` itself without a `progress`. */
export function withProgress(source: Readable, progress: Progress | undefined): Readable {
  return progress === undefined ? source : pipeline(source, new Counter(progress), () => undefined)
}
