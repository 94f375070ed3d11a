import { withSession } from '../../postgres/session.ts'
import { readNewServer, superuserSession, withNewServer, type NewServerSettings } from './open-new-server.ts'
import { refuseUnproven, refuseUpgrade, type NewServer } from './refuse-upgrade.ts'
import type { UpgradeFacts } from './upgrade-facts.ts'
import { discardUpgrade, sweepUpgrade } from './upgrade-place.ts'

export interface UpgradePlan {
  to: number
  now: Date
}

/**
 * Checks the upgrade before the site is stopped: creates an empty cluster from the new image, reads its
 * features, and discards it. Throws CommandError.
 */
export async function planUpgrade(
  settings: NewServerSettings,
  facts: UpgradeFacts,
  { to, now }: UpgradePlan,
): Promise<NewServer> {
  refuseUnproven(facts, now)
  await sweepUpgrade(settings.folder)
  try {
    return await withNewServer(settings, facts, async (server, place) => {
      const found = await withSession(superuserSession(server, settings), (session) =>
        readNewServer(session, place),
      )
      refuseUpgrade(to, facts, found)
      return found
    })
  } finally {
    await discardUpgrade(settings.folder)
  }
}
