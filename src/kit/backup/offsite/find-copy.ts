import { CommandError } from '../../errors.ts'
import { listCopies, type Copy } from './list-copies.ts'
import type { OffsiteSettings } from './offsite-settings.ts'

/**
 * Returns the copy with that name, or the newest complete one for `latest`. Throws CommandError
 * `not_found`.
 */
export async function findCopy(settings: OffsiteSettings, name: string, signal?: AbortSignal): Promise<Copy> {
  const copies = await listCopies(settings, signal)
  const found = copies.find((copy) => (name === 'latest' ? copy.isWhole : copy.name === name))
  if (found?.isWhole === true) return found
  const hint = 'what there is: docker compose -f compose.prod.yaml exec backup node backup.js offsite list'
  if (found !== undefined)
    throw new CommandError('not_found', `the copy of ${name} was never completed`, { hint })
  const sentence =
    name === 'latest' ? 'there is no copy off-site yet' : `there is no copy of '${name}' off-site`
  throw new CommandError('not_found', sentence, { hint })
}
