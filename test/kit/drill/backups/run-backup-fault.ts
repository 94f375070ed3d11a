import { mkdir, rm } from 'node:fs/promises'
import { createRandom } from '../random.ts'
import type { BackupFault } from './backup-fault.ts'
import type { BackupRow } from './backup-row.ts'
import { storedIn, type BackupStage } from './backup-stage.ts'

interface Stored {
  lookedGood: number
  isMetricRight: boolean
}

/** Whatever passes for a backup is read to its last byte, and the metrics have to say the same of it. */
async function readStored(stage: BackupStage): Promise<Stored> {
  const stored = await storedIn(stage.folder)
  const shown = stored.filter(({ fault }) => fault === undefined)
  const faults = await Promise.all(shown.map((backup) => stage.faultIn(backup)))
  for (const fault of faults) if (fault !== undefined) process.stderr.write(`looked good: ${fault}\n`)
  const good = shown.filter((_, n) => faults[n] === undefined)
  const newest = Math.max(...good.map(({ manifest }) => Date.parse(manifest?.createdAt ?? '')))
  return {
    lookedGood: shown.length - good.length,
    isMetricRight:
      (await stage.metric(stage.folder, 'backup_newest_timestamp_seconds')) === newest / 1_000 &&
      (await stage.metric(stage.folder, 'backup_stored', { state: 'intact' })) === good.length,
  }
}

/** One fault, from a live database that differs from its backups to the comparison of both. */
export async function runBackupFault(
  stage: BackupStage,
  fault: BackupFault,
  { seed, run }: { seed: number; run: number },): Promise<BackupRow> {
  await rm(stage.work, { recursive: true, force: true })
  await mkdir(stage.work)
  await fault.prepare?.(stage)
  await stage.changeLive()
  const before = await stage.live()
  const seen = await fault.run(stage, createRandom(seed, `${fault.name} ${run}`))
  const after = await stage.live()
  const stored = await readStored(stage)
  await fault.afterwards?.(stage)
  const isAllowed = after === before || (fault.mayRestore === true && after === stage.backedUp)
  const isSaid = fault.sentence === undefined || fault.sentence.test(seen.stderr)
  const isMetricRight = stored.isMetricRight && seen.isMetricRight !== false
  return {
    fault: fault.name,
    runs: 1,
    lookedGood: stored.lookedGood + (seen.lookedGood ?? 0),
    liveChanged: isAllowed ? 0 : 1,
    ended: [seen.ended],
    expected: fault.expected,
    wrongSentences: isSaid ? 0 : 1,
    wrongMetrics: isMetricRight ? 0 : 1,
  }
}
