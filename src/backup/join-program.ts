import { spawn } from 'node:child_process'
import { PassThrough, pipeline as connect, type Readable, type Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { bufferBytes } from './buffer-bytes.ts'

export interface ProgramCall {
  command: string
  args: string[]
  environment: Record<string, string>
  /** What the program reads from standard input; nothing when absent. */
  input?: Readable | undefined
  signal?: AbortSignal | undefined
  /** Reads what it says on standard error, and returns what of it is kept; all of it when absent. */
  readSaid?: ((stderr: Readable) => Promise<string>) | undefined
}

export interface Joined<T> {
  /** What `consume` made of the output. */
  made: T
  /** 'exit code 0', or how else it ended. */
  ending: string
  stderr: string
  /** Whether it read its input to the end. */
  fed: 'whole' | 'left'
}

/** The program was not there, or not for this user. */
export class MissingProgram extends Error {
  constructor(command: string, cause: NodeJS.ErrnoException) {
    super(`${command} cannot be run (${cause.code ?? cause.message})`, { cause })
  }
}

/** A program that ends before its input does closes the pipe: what it says is the reason, not the broken pipe. */
const brokenPipes = new Set([
  'EPIPE',
  'ECONNRESET',
  // A write that was still under way when Node closed the pipe after the program.
  'ECANCELED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
])

const isBrokenPipe = (err: unknown): boolean =>
  err instanceof Error && 'code' in err && brokenPipes.has(String(err.code))

const feed = async (input: Readable | undefined, stdin: Writable): Promise<'whole' | 'left'> => {
  if (input === undefined) stdin.end()
  else {
    try {
      await pipeline(input, stdin)
    } catch (err) {
      // The first error of the pipeline is the source's own, if it has one.
      if (isBrokenPipe(err)) return 'left'
      throw err
    }
  }
  return 'whole'
}

/** Read from the first moment on: what a program has said is thrown away by Node when it ends and nobody has begun to read. */
const held = (output: Readable): Readable =>
  connect(output, new PassThrough({ highWaterMark: bufferBytes }), () => undefined)

/**
 * Runs one program, hands its output to `consume` as it comes, and waits for all that can go wrong: the program, its
 * input and its output. None of the three says anything about the other two.
 */
export const joinProgram = async <T>(
  { command, args, environment, input, signal, readSaid = text }: ProgramCall,
  consume: (output: Readable) => Promise<T>,
): Promise<Joined<T>> => {
  const child = spawn(command, args, {
    env: environment,
    stdio: 'pipe',
    ...(signal === undefined ? {} : { signal }),
  })
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', (err) => reject(signal?.aborted === true ? err : new MissingProgram(command, err)))
    child.once('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code ?? 'unknown'}`))
  })
  const stderr = readSaid(child.stderr)
  const consumed = consume(held(child.stdout)).catch((err: unknown) => {
    child.kill('SIGTERM')
    throw err
  })
  const [made, ending, fed] = await Promise.allSettled([consumed, ended, feed(input, child.stdin)])
  if (ending.status === 'rejected') throw ending.reason
  if (fed.status === 'rejected') throw fed.reason
  if (made.status === 'rejected') throw made.reason
  return { made: made.value, ending: ending.value, stderr: await stderr, fed: fed.value }
}
