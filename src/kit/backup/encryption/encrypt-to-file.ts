import type { FileHandle } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { joinInto, MissingProgram } from '../../host/spawn-program.ts'
import { encryptFault, missingAge } from './age-fault.ts'

/** Writes the input of a program; resolves when all of it is written. */
type Produce = (target: Writable) => Promise<unknown>

export interface Cover {
  /** Public keys of the recipients; null for no encryption. */
  recipients: string[] | null
  /** Search path that contains age. */
  searchPath: string
}

/**
 * Without encryption `cat` takes the place of age: pg_dump rewrites the head of a seekable file at the
 * end, after the read-back has passed it.
 */
function filterFor(recipients: string[] | null): { command: string; args: string[] } {
  return recipients === null
    ? { command: 'cat', args: [] }
    : {
        command: 'age',
        args: ['--encrypt', ...recipients.flatMap((recipient) => ['--recipient', recipient])],
      }
}

/**
 * Encrypts the output of `produce` with age into an open file, and syncs the file. No plaintext is written to
 * disk. Producer and file are connected without this process, which would take CPU time from the dump.
 * Throws CommandError when age or `produce` fails.
 */
export async function encryptToFile(
  handle: FileHandle,
  { recipients, searchPath }: Cover,
  produce: Produce,
): Promise<void> {
  const call = { ...filterFor(recipients), environment: { PATH: searchPath } }
  const { ending, stderr, produced } = await joinInto(call, handle.fd, produce).catch((err: unknown) => {
    throw err instanceof MissingProgram ? missingAge(err) : err
  })
  // If age exits early the producer sees EPIPE; report age's error instead.
  if (ending !== 'exit code 0') throw encryptFault(ending, stderr)
  if (produced.status === 'rejected') throw produced.reason
  await handle.sync()
}
