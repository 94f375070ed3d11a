import { access, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import type { ContinuousSettings } from './continuous-settings.ts'
import type { StoredSegment } from './list-wal.ts'
import type { MomentPlan } from './plan-moment.ts'
import { expectEngine } from './run-engine.ts'
import { historyName } from './timeline-chain.ts'
import { sha1OfFile } from './sha1-of-file.ts'

/** Inside the data folder, so that one folder is all that has to be handed over. Taken away before the server goes live. */
export const handoverName = 'slipway_wal'

/** After the moment itself so many more, since the target counts as reached only when a commit after it is seen. */
const surplusSegments = 64

const segmentsUpTo = ({ moment, segments }: MomentPlan): StoredSegment[] => {
  if (moment.kind !== 'time') return segments
  const { at } = moment
  const beyond = segments.findIndex(({ archivedAt }) => archivedAt > at)
  return beyond === -1 ? segments : segments.slice(0, beyond + 1 + surplusSegments)
}

const isThere = async (file: string): Promise<boolean> => {
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
  handover: string
  signal?: AbortSignal | undefined
}

const fetchFile = async (
  { settings, plan, folder, handover, signal }: Fetch,
  name: string,
  sha1?: string,
) => {
  const file = join(handover, name)
  if (await isThere(file)) return
  // Which history of the archive is meant, the engine reads out of the restored files.
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
 * Brings the WAL of a plan into the data folder: from there a server without network and without the key can recover.
 * `isAll`: to the end of the archive, whatever the moment is. Every history file comes along, for the server to choose a
 * timeline that was never used. Returns the last segment.
 */
export const fetchWal = async (
  settings: ContinuousSettings,
  plan: MomentPlan,
  folder: string,
  { isAll, signal }: { isAll: boolean; signal?: AbortSignal | undefined },
): Promise<StoredSegment | undefined> => {
  const handover = join(folder, handoverName)
  await mkdir(handover, { recursive: true, mode: 0o700 })
  const fetch = { settings, plan, folder, handover, signal }
  for (const { timeline } of plan.timelines) await fetchFile(fetch, historyName(timeline))
  const wanted = isAll ? plan.segments : segmentsUpTo(plan)
  for (const { name, sha1 } of wanted) await fetchFile(fetch, name, sha1)
  return wanted.at(-1)
}

export const dropHandover = (folder: string): Promise<void> =>
  rm(join(folder, handoverName), { recursive: true, force: true })
