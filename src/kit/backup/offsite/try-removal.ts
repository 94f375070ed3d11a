import { CommandError } from '../../errors.ts'
import type { OffsitePlace } from './offsite-settings.ts'
import { writePruneState, type CopyKind } from './prune-state.ts'

export interface Removal {
  /** They are gone. */
  names: string[]
  /** Why the rest is still there. */
  fault: CommandError | undefined
}

/** A storage that removes nothing holds the copies all the same: this is a fault of its own, and not of the copies. */
function refusedRemoval(err: unknown): CommandError {
  if (!(err instanceof CommandError) || err.exit !== 'offsite') throw err
  const mayNot =
    'let the key delete in this bucket, or remove what is old by a rule of the bucket: docs/runbooks/OffsiteNotPruned.md'
  const hint = err.publicMessage.includes('refuses the key') ? mayNot : (err.hint ?? mayNot)
  return new CommandError('offsite', `what has expired off-site could not be removed: ${err.publicMessage}`, {
    hint,
    cause: err,
  })
}

/** `remove` names what is gone as it goes: what went before the storage refused is gone as well. */
export async function tryRemoval(
  place: OffsitePlace,
  kind: CopyKind,
  remove: (gone: string[]) => Promise<void>,
): Promise<Removal> {
  const names: string[] = []
  let fault: CommandError | undefined
  try {
    await remove(names)
  } catch (err) {
    fault = refusedRemoval(err)
  }
  await writePruneState(place, kind, fault?.publicMessage)
  return { names, fault }
}
