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
  /** Reads what it says on standard error, and returns what of it is kept; all of it when absent. */
  readSaid?: ((stderr: Readable) => Promise<string>) | undefined
}

export interface FedCall extends ProgramCall {
  /** What the program reads from standard input; nothing when absent. */
  input?: Readable | undefined
}

interface Ended {
  /** 'exit code 0', or how else it ended. */
  ending: string
  stderr: string
}

export interface Joined<T> extends Ended {
  /** What `consume` made of the output. */
  made: T
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

function isBrokenPipe(err: unknown): boolean {
  return err instanceof Error && 'code' in err && brokenPipes.has(String(err.code))
}

/** Says whether the program read it to the end; a fault of the source itself is thrown. */
export async function feed(input: Readable, stdin: Writable): Promise<'whole' | 'left'> {
  try {
    await pipeline(input, stdin)
    return 'whole'
  } catch (err) {
    // The first error of the pipeline is the source's own, if it has one.
    if (isBrokenPipe(err)) return 'left'
    throw err
  }
}

function write(stdin: Writable, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    stdin.write(piece, (err) => (err ? reject(err) : resolve()))
  })
}

/** The same for pieces of which each is gone when the next one comes. */
export async function feedPieces(pieces: AsyncIterable<Buffer>, stdin: Writable): Promise<'whole' | 'left'> {
  // Each write says it too.
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

/** Read from the first moment on: what a program has said is thrown away by Node when it ends and nobody has begun to read. */
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
 * Runs one program, hands its output to `consume` as it comes, and waits for all that can go wrong: the program, its
 * input and its output. None of the three says anything about the other two.
 */
export async function joinProgram<T>(
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

/** A file by its descriptor, or the input of another program. */
export type Target = number | Writable

/**
 * Runs one program whose output goes to `target` past this process, while `pour` fills its input; `poured` is how that
 * came out. The end of `target` that is an input belongs to the program alone from then on.
 */
export async function joinInto(
  call: ProgramCall,
  target: Target,
  pour: (stdin: Writable) => Promise<unknown> = feedNothing,
): Promise<Ended & { poured: PromiseSettledResult<unknown> }> {
  const { command, args, readSaid = text } = call
  const child = spawn(command, args, { ...optionsOf(call), stdio: ['pipe', target, 'pipe'] })
  // With a descriptor among them the types know of none.
  const { stdin, stderr } = child as ChildProcess & { stdin: Writable; stderr: Readable }
  if (typeof target !== 'number') target.destroy()
  const ended = endingOf(child, call)
  const said = readSaid(stderr)
  const pouring = async (): Promise<unknown> => {
    try {
      // Only then has its input a descriptor that another program can take over.
      await once(child, 'spawn')
      return await pour(stdin)
    } finally {
      stdin.destroy()
    }
  }
  const [ending, poured] = await Promise.allSettled([ended, pouring()])
  if (ending.status === 'rejected') throw ending.reason
  return { ending: ending.value, stderr: await said, poured }
}
