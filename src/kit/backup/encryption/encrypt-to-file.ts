import type { FileHandle } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { joinInto, MissingProgram } from '../../host/spawn-program.ts'
import { encryptFault, missingAge } from './age-fault.ts'

/** Fills the input of a program, and resolves once there is no more to come. */
type Pour = (target: Writable) => Promise<unknown>

export interface Cover {
  /** Public keys for whom it is encrypted; null for what anybody may read. */
  recipients: string[] | null
  /** Where age is found. */
  searchPath: string
}

/** Also without encryption a program stands in between: pg_dump writes the head of a file anew at the end, behind whoever has read it. */
const filterFor = (recipients: string[] | null): { command: string; args: string[] } =>
  recipients === null
    ? { command: 'cat', args: [] }
    : {
        command: 'age',
        args: ['--encrypt', ...recipients.flatMap((recipient) => ['--recipient', recipient])],
      }

/**
 * What `pour` gives goes through age into an open file, and is on disk for good when it resolves. Plaintext lies on no disk, and
 * neither side passes through this process, which would take processor time from the dump.
 */
export const pourIntoFile = async (
  handle: FileHandle,
  { recipients, searchPath }: Cover,
  pour: Pour,
): Promise<void> => {
  const call = { ...filterFor(recipients), environment: { PATH: searchPath } }
  const { ending, stderr, poured } = await joinInto(call, handle.fd, pour).catch((err: unknown) => {
    throw err instanceof MissingProgram ? missingAge(err) : err
  })
  // Whoever pours gets a broken pipe when age ends: that is not the reason.
  if (ending !== 'exit code 0') throw encryptFault(ending, stderr)
  if (poured.status === 'rejected') throw poured.reason
  await handle.sync()
}
