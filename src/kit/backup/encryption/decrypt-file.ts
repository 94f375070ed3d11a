import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { feed, MissingProgram } from '../../host/spawn-program.ts'
import { decryptFault, missingAge } from './age-fault.ts'

interface Decrypting {
  /** Arguments of age after `--decrypt`. */
  args: string[]
  searchPath: string
  /** Name of the file in error messages. */
  name: string
  fill: (stdin: Writable) => Promise<unknown>
}

async function* decrypted({ args, searchPath, name, fill }: Decrypting): AsyncGenerator<Buffer> {
  const child = spawn('age', ['--decrypt', ...args], { env: { PATH: searchPath }, stdio: 'pipe' })
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  // Both promises are awaited below; the handlers prevent an unhandled rejection until then.
  ended.catch(() => undefined)
  const filled = fill(child.stdin)
  filled.catch(() => undefined)
  const stderr = text(child.stderr)
  try {
    yield* child.stdout as AsyncIterable<Buffer>
    const [code, signal] = await ended
    await filled
    if (code !== 0) throw decryptFault(name, signal ?? `exit code ${code ?? 'unknown'}`, await stderr)
  } catch (err) {
    const { syscall = '' } = err as NodeJS.ErrnoException
    throw syscall.startsWith('spawn') ? missingAge(new MissingProgram('age', err as Error)) : err
  } finally {
    child.kill()
    await ended.catch(() => undefined)
  }
}

function open(decrypting: Decrypting): Readable {
  return Readable.from(decrypted(decrypting), { objectMode: false, highWaterMark: 1024 * 1024 })
}

export interface Decryption {
  /**
   * Text of an age identity. It reaches age through a pipe, because arguments, environments and files are
   * readable by other processes.
   */
  identity: string
  searchPath: string
}

/**
 * Returns the plaintext of an encrypted file as a stream. The stream fails when age fails, at its end at
 * the latest.
 */
export function decryptFile(file: string, { identity, searchPath }: Decryption): Readable {
  return open({
    args: ['--identity', '-', file],
    searchPath,
    name: basename(file),
    // age may exit before it reads the key; its message is then the error to report.
    fill: (stdin) => feed(Readable.from([identity]), stdin),
  })
}

export interface OwnDecryption {
  /** Identity file of the host. */
  identityFile: string
  searchPath: string
}

/**
 * Decrypts the content that `fill` writes. `name` stands for it in error messages. The stream fails when
 * age fails.
 */
export function decryptFilled(
  fill: (stdin: Writable) => Promise<unknown>,
  name: string,
  { identityFile, searchPath }: OwnDecryption,
): Readable {
  return open({ args: ['--identity', identityFile], searchPath, name, fill })
}
