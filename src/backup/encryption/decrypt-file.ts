import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { MissingProgram } from '../join-program.ts'
import { decryptFault, missingAge } from './age-fault.ts'

export interface Decryption {
  /** Text of an age identity. It goes to age through a pipe: arguments, environments and files can be read by others. */
  identity: string
  searchPath: string
}

async function* decrypted(file: string, { identity, searchPath }: Decryption): AsyncGenerator<Buffer> {
  const args = ['--decrypt', '--identity', '-', file]
  const child = spawn('age', args, { env: { PATH: searchPath }, stdio: 'pipe' })
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  // It is waited for below; until then a failure to start it has nobody who would catch it.
  ended.catch(() => undefined)
  const stderr = text(child.stderr)
  // When it refuses before it has read the key, its own words are the reason.
  child.stdin.on('error', () => undefined).end(identity)
  try {
    yield* child.stdout as AsyncIterable<Buffer>
    const [code, signal] = await ended
    if (code !== 0)
      throw decryptFault(basename(file), signal ?? `exit code ${code ?? 'unknown'}`, await stderr)
  } catch (err) {
    const { syscall = '' } = err as NodeJS.ErrnoException
    throw syscall.startsWith('spawn') ? missingAge(new MissingProgram('age', err as Error)) : err
  } finally {
    child.kill()
    await ended.catch(() => undefined)
  }
}

/** The content of an encrypted file; fails at its end at the latest when age did. */
export const decryptFile = (file: string, decryption: Decryption): Readable =>
  Readable.from(decrypted(file, decryption), { objectMode: false, highWaterMark: 1024 * 1024 })
