import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { feed, MissingProgram } from '../../host/spawn-program.ts'
import { decryptFault, missingAge } from './age-fault.ts'

interface Decrypting {
  /** Of age, behind `--decrypt`. */
  args: string[]
  searchPath: string
  /** How the file is called in a sentence. */
  name: string
  fill: (stdin: Writable) => Promise<unknown>
}

async function* decrypted({ args, searchPath, name, fill }: Decrypting): AsyncGenerator<Buffer> {
  const child = spawn('age', ['--decrypt', ...args], { env: { PATH: searchPath }, stdio: 'pipe' })
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  // Both are waited for below; until then a failure has nobody who would catch it.
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

const open = (decrypting: Decrypting): Readable =>
  Readable.from(decrypted(decrypting), { objectMode: false, highWaterMark: 1024 * 1024 })

export interface Decryption {
  /** Text of an age identity. It goes to age through a pipe: arguments, environments and files can be read by others. */
  identity: string
  searchPath: string
}

/** The content of an encrypted file; fails at its end at the latest when age did. */
export const decryptFile = (file: string, { identity, searchPath }: Decryption): Readable =>
  open({
    args: ['--identity', '-', file],
    searchPath,
    name: basename(file),
    // When it refuses before it has read the key, its own words are the reason.
    fill: (stdin) => feed(Readable.from([identity]), stdin),
  })

export interface OwnDecryption {
  /** The host's own, which lies there in any case. */
  identityFile: string
  searchPath: string
}

/** The same for content that `fill` writes, which `name` stands for in a sentence. */
export const decryptFilled = (
  fill: (stdin: Writable) => Promise<unknown>,
  name: string,
  { identityFile, searchPath }: OwnDecryption,
): Readable => open({ args: ['--identity', identityFile], searchPath, name, fill })
