import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CommandError } from '../../errors.ts'
import { spawnProgram, MissingProgram } from '../../host/spawn-program.ts'
import { missingAge } from './age-fault.ts'

/** Returns the public key of an age identity. Throws CommandError. */
export async function publicKeyOf(identity: string, searchPath: string): Promise<string> {
  const { made, ending } = await spawnProgram(
    {
      command: 'age-keygen',
      args: ['-y'],
      environment: { PATH: searchPath },
      input: Readable.from([identity]),
    },
    text,
  ).catch((err: unknown) => {
    throw err instanceof MissingProgram ? missingAge(err) : err
  })
  const recipient = made.trim()
  if (ending === 'exit code 0' && /^age1\w+$/.test(recipient)) return recipient
  throw new CommandError('key', 'what was given is no key of age', {
    hint: 'it is one line that begins with AGE-SECRET-KEY-1, as it was printed when the keys were made',
  })
}
