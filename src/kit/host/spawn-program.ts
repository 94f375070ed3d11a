import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough, pipeline as connect, type Readable, type Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { bufferBytes } from './buffer-bytes.ts'

export interface ProgramCall {
  command: string
  args: string[]
  environment: Record<string, string>
  signal?: AbortSignal | undefined
  /** Reads standard error and returns the part to keep; by default all of it. */
  readSaid?: ((stderr: Readable) => Promise<string>) | undefined
}

export interface FedCall extends ProgramCall {
  /** Standard input of the program; empty when absent. */
  input?: Readable | undefined
}

interface Ended {
  /** 'exit code 0', or the signal or other exit code that ended it. */
  ending: string
  stderr: string
}

export interface Joined<T> extends Ended {
  /** Result of `consume`. */
  made: T
  /** `whole` when the program read its input to the end. */
  fed: 'whole' | 'left'
}

/** The program does not exist, or this user may not run it. */
export class MissingProgram extends Error {
  constructor(command: string, cause: NodeJS.ErrnoException) {
    super(`${command} cannot be run (${cause.code ?? cause.message})`, { cause })
  }
}

/**
 * Codes of a pipe whose reader exited early: the program's own message is the reason to report, not the broken pipe.
 */
const brokenPipes = new Set([
  'EPIPE',
  'ECONNRESET',
  // A pending write when Node closes the pipe of an exited program.
  'ECANCELED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
])

function isBrokenPipe(err: unknown): boolean {
  return err instanceof Error && 'code' in err && brokenPipes.has(String(err.code))
}

/** Pipes `input` to the program; returns whether the program read all of it. Throws the error of `input` itself. */
export async function feed(input: Readable, stdin: Writable): Promise<'whole' | 'left'> {
  try {
    await pipeline(input, stdin)
    return 'whole'
  } catch (err) {
    // The pipeline reports the error of the source first.
    if (isBrokenPipe(err)) return 'left'
    throw err
  }
}

function write(stdin: Writable, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    stdin.write(piece, (err) => (err ? reject(err) : resolve()))
  })
}

/** Like `feed`, for chunks whose memory is reused for the next chunk. */
export async function feedPieces(pieces: AsyncIterable<Buffer>, stdin: Writable): Promise<'whole' | 'left'> {
  // Each write reports the same error.
  stdin.on('error', () => undefined)
  try {
    for await (const piece of pieces) await write(stdin, piece)
    stdin.end()
    return 'whole'
  } catch (err) {
    if (isBrokenPipe(err)) return 'left'
    throw err
  }
}

async function feedNothing(stdin: Writable): Promise<'whole'> {
  stdin.end()
  return Promise.resolve('whole')
}

/** Starts reading at once: Node discards the unread output of a program that has exited. */
function held(output: Readable): Readable {
  return connect(output, new PassThrough({ highWaterMark: bufferBytes }), () => undefined)
}

function endingOf(child: ChildProcess, { command, signal }: ProgramCall): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', (err) => reject(signal?.aborted === true ? err : new MissingProgram(command, err)))
    child.once('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code ?? 'unknown'}`))
  })
}

function optionsOf({ environment, signal }: ProgramCall) {
  return {
    env: environment,
    ...(signal === undefined ? {} : { signal }),
  }
}

/**
 * Runs one program, passes its output to `consume` as it arrives, and waits for the program, its input and its
 * output, because each can fail alone. Throws MissingProgram, the input's error or the error of `consume`; a failed
 * exit is returned as `ending`.
 */
export async function spawnProgram<T>(
  call: FedCall,
  consume: (output: Readable) => Promise<T>,
): Promise<Joined<T>> {
  const { command, args, input, readSaid = text } = call
  const child = spawn(command, args, { ...optionsOf(call), stdio: 'pipe' })
  const ended = endingOf(child, call)
  const stderr = readSaid(child.stderr)
  const consumed = consume(held(child.stdout)).catch((err: unknown) => {
    child.kill('SIGTERM')
    throw err
  })
  const feeding = input === undefined ? feedNothing(child.stdin) : feed(input, child.stdin)
  const [made, ending, fed] = await Promise.allSettled([consumed, ended, feeding])
  if (ending.status === 'rejected') throw ending.reason
  if (fed.status === 'rejected') throw fed.reason
  if (made.status === 'rejected') throw made.reason
  return { made: made.value, ending: ending.value, stderr: await stderr, fed: fed.value }
}

/** A file descriptor, or the standard input of another program. */
export type Target = number | Writable

/**
 * Runs one program whose output goes directly to `target`, while `produce` writes its input; `produced` is the outcome of
 * `produce`. A `target` stream is closed in this process.
 */
export async function joinInto(
  call: ProgramCall,
  target: Target,
  produce: (stdin: Writable) => Promise<unknown> = feedNothing,
): Promise<Ended & { produced: PromiseSettledResult<unknown> }> {
  const { command, args, readSaid = text } = call
  const child = spawn(command, args, { ...optionsOf(call), stdio: ['pipe', target, 'pipe'] })
  // With a descriptor in `stdio`, the types lose the other two streams.
  const { stdin, stderr } = child as ChildProcess & { stdin: Writable; stderr: Readable }
  if (typeof target !== 'number') target.destroy()
  const ended = endingOf(child, call)
  const said = readSaid(stderr)
  const producing = async (): Promise<unknown> => {
    try {
      // Before `spawn`, the input has no descriptor that another program could inherit.
      await once(child, 'spawn')
      return await produce(stdin)
    } finally {
      stdin.destroy()
    }
  }
  const [ending, produced] = await Promise.allSettled([ended, producing()])
  if (ending.status === 'rejected') throw ending.reason
  return { ending: ending.value, stderr: await said, produced }
}
