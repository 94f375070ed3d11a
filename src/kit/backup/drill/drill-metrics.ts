import { secondsOf, type MetricFamily, type MetricsReader } from '../../telemetry/metric-family.ts'
import { listStoredBackups } from '../portable/stored-backup.ts'
import { readLastDrill, type DrillRecord } from '../portable/drill-record.ts'
import type { DrillKind } from '../portable/drill-record.ts'
import { readContinuousProof, readProof, type Proof } from '../portable/read-proof.ts'

const kinds: DrillKind[] = ['portable', 'continuous']

type OfKind<T> = [kind: DrillKind, value: T | undefined][]

function family<T>(
  name: string,
  help: string,
  known: OfKind<T>,
  valueOf: (value: T) => number | undefined,
): MetricFamily {
  return {
    name,
    type: 'gauge',
    help,
    labels: ['kind'],
    samples: known.flatMap(([kind, each]) => {
      const value = each === undefined ? undefined : valueOf(each)
      return value === undefined ? [] : [{ labels: { kind }, value }]
    }),
  }
}

async function newestProof(backupsFolder: string): Promise<Proof | undefined> {
  const stored = await listStoredBackups(backupsFolder)
  const proofs = await Promise.all(stored.map(({ folder }) => readProof(folder)))
  return proofs
    .filter((proof) => proof !== undefined)
    .sort((a, b) => Date.parse(b.provenAt) - Date.parse(a.provenAt))[0]
}

/** Reads the drill metrics. A kind without a drill has no sample, so that an alert on absence fires. */
export const readDrillMetrics: MetricsReader = async ({ backupsFolder }) => {
  const proofs: OfKind<Proof> = [
    ['portable', await newestProof(backupsFolder)],
    ['continuous', await readContinuousProof(backupsFolder)],
  ]
  const last: OfKind<DrillRecord> = await Promise.all(
    kinds.map(async (kind): Promise<OfKind<DrillRecord>[number]> => [
      kind,
      await readLastDrill(backupsFolder, kind),
    ]),
  )
  return [
    family(
      'backup_proven_timestamp_seconds',
      'When a drill last restored a backup of the kind and found it right.',
      proofs,
      (proof) => secondsOf(proof.provenAt),
    ),
    family(
      'backup_drill_rto_seconds',
      'How long a restore took in the last drill that succeeded, until the API was ready.',
      proofs,
      ({ rtoSeconds }) => rtoSeconds,
    ),
    family(
      'backup_drill_rpo_seconds',
      'How much would have been lost had the server gone when the last drill that succeeded began.',
      proofs,
      ({ rpoSeconds }) => rpoSeconds,
    ),
    family(
      'backup_last_drill_failed',
      '1 when the last drill of the kind failed or could not run.',
      last,
      ({ ok }) => (ok ? 0 : 1),
    ),
  ]
}
