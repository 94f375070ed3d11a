import { CommandError } from '../../errors.ts'
import type { OffsitePlace } from './offsite-settings.ts'
import { writePruneState, type CopyKind } from './prune-state.ts'

export interface Removal {
  /** Names that were removed. */
  names: string[]
  /** Reason why the others remain. */
  fault: CommandError | undefined
}

/** A refused removal does not affect the copies; it is reported separately. */
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

/**
 * Runs `remove` and saves the result. `remove` adds each removed name to its array at once, so that
 * removals before an error count.
 */
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
