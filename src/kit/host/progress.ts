import { pipeline, Transform, type Readable, type TransformCallback } from 'node:stream'
import { readableAge, readableBytes } from './list-text.ts'

export interface Progress {
  advance: (bytes: number) => void
  end: () => void
}

export interface Expected {
  bytes: number
  /** Computed from an earlier run, so that the end may come sooner or later. */
  isAbout: boolean
}

/** Without `expected` only what was done and how quickly can be said. */
export type OpenProgress = (label: string, expected?: Expected) => Progress

export interface Terminal {
  write: (text: string) => void
  /** Monotonic. */
  nowMs: () => number
}

/** Back to the margin, and what stands there is removed. */
export const eraseLine = '\r\u001b[K'

const shownEveryMs = 200
/** What is over sooner needs none. */
const quietMs = 1_000

function restText(doneBytes: number, elapsedMs: number, { bytes, isAbout }: Expected): string {
  const about = isAbout ? 'about ' : ''
  const leftMs = (elapsedMs / doneBytes) * (bytes - doneBytes)
  const percent = Math.floor((100 * doneBytes) / bytes)
  return ` of ${about}${readableBytes(bytes)}, ${percent} %, ${about}${readableAge(leftMs)} left`
}

/** How far it is, how quickly it goes, and how long it still takes at that pace. */
export function progressText(
  label: string,
  { doneBytes, elapsedMs }: { doneBytes: number; elapsedMs: number },
  expected?: Expected,
): string {
  // Beyond what was expected nobody knows how much is to come.
  const isKnown = expected !== undefined && doneBytes > 0 && doneBytes <= expected.bytes
  const rest = isKnown ? restText(doneBytes, elapsedMs, expected) : ''
  return `${label}: ${readableBytes(doneBytes)}${rest}, ${readableBytes(Math.round((1_000 * doneBytes) / elapsedMs))}/s`
}

/** One line that is written over again and again, a few times a second at most, and is gone at the end. */
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

/** The same stream with its progress shown; the very same one where nobody looks. */
export function withProgress(source: Readable, progress: Progress | undefined): Readable {
  return progress === undefined ? source : pipeline(source, new Counter(progress), () => undefined)
}
