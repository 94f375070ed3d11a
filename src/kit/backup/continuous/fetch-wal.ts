import { access, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import type { ContinuousSettings } from './continuous-settings.ts'
import type { StoredSegment } from './list-wal.ts'
import type { MomentPlan } from './plan-moment.ts'
import { expectEngine } from './run-engine.ts'
import { historyName } from './timeline-chain.ts'
import { sha1OfFile } from './sha1-of-file.ts'

/**
 * WAL folder inside the data folder, so that the data folder is all that recovery needs. Removed before
 * the server goes live.
 */
export const handoffName = 'slipway_wal'

/** Segments fetched beyond the target: recovery stops only when it sees a commit after the target. */
const surplusSegments = 64

function segmentsUpTo({ moment, segments }: MomentPlan): StoredSegment[] {
  if (moment.kind !== 'time') return segments
  const { at } = moment
  const beyond = segments.findIndex(({ archivedAt }) => archivedAt > at)
  return beyond === -1 ? segments : segments.slice(0, beyond + 1 + surplusSegments)
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch {
    return false
  }
}

interface Fetch {
  folder: string
  settings: ContinuousSettings
  plan: MomentPlan
  handoff: string
  signal?: AbortSignal | undefined
}

async function fetchFile({ settings, plan, folder, handoff, signal }: Fetch, name: string, sha1?: string) {
  const file = join(handoff, name)
  if (await isThere(file)) return
  // pgBackRest reads the archive id from the restored files.
  const args = ['archive-get', '--no-archive-async', `--pg1-path=${folder}`, name, `${file}.partial`]
  await expectEngine(settings, { repository: plan.repository.name, args, signal })
  if (sha1 !== undefined && (await sha1OfFile(`${file}.partial`)) !== sha1) {
    throw new CommandError(
      'verification_failed',
      `${name} in ${plan.repository.name} of the archive is not what the server wrote: its checksum is wrong`,
      { hint: 'choose a moment before it, or the other repository; docs/runbooks/ArchiveGap.md' },
    )
  }
  await rename(`${file}.partial`, file)
}

/**
 * Fetches the WAL of a plan into the data folder, so that a server without network and keys can recover.
 * `isAll` fetches to the end of the archive. Fetches every history file too: the server must choose an
 * unused timeline. Returns the last segment.
 */
export async function fetchWal(
  settings: ContinuousSettings,
  plan: MomentPlan,
  folder: string,
  { isAll, signal }: { isAll: boolean; signal?: AbortSignal | undefined },
): Promise<StoredSegment | undefined> {
  const handoff = join(folder, handoffName)
  await mkdir(handoff, { recursive: true, mode: 0o700 })
  const fetch = { settings, plan, folder, handoff, signal }
  for (const { timeline } of plan.timelines) await fetchFile(fetch, historyName(timeline))
  const wanted = isAll ? plan.segments : segmentsUpTo(plan)
  for (const { name, sha1 } of wanted) await fetchFile(fetch, name, sha1)
  return wanted.at(-1)
}

export function dropHandoff(folder: string): Promise<void> {
  return rm(join(folder, handoffName), { recursive: true, force: true })
}
