import { secondsOf, type MetricFamily, type MetricsReader } from '../../telemetry/metric-family.ts'
import type { OffsiteSettings } from './offsite-settings.ts'
import { readKnownCopies, type KnownCopies } from './offsite-state.ts'
import { copyKinds, readPruneState, type CopyKind, type PruneState } from './prune-state.ts'

function newestFamily(known: KnownCopies): MetricFamily {
  const intact = Object.values(known).filter(({ isIntact }) => isIntact)
  const times = intact.map(({ createdAt }) => secondsOf(createdAt))
  return {
    name: 'backup_offsite_newest_timestamp_seconds',
    type: 'gauge',
    help: 'Snapshot time of the newest backup whose copy off-site was read back and compared.',
    samples: times.length === 0 ? [] : [{ value: Math.max(...times) }],
  }
}

function storedFamily(known: KnownCopies): MetricFamily {
  const damaged = Object.values(known).filter(({ isIntact }) => !isIntact).length
  return {
    name: 'backup_offsite_stored',
    type: 'gauge',
    help: 'Copies off-site, by whether they were what was sent when they were last read to their last byte.',
    labels: ['state'],
    samples: [
      { labels: { state: 'intact' }, value: Object.keys(known).length - damaged },
      { labels: { state: 'damaged' }, value: damaged },
    ],
  }
}

function pruneFamily(states: [CopyKind, PruneState | undefined][]): MetricFamily {
  return {
    name: 'backup_offsite_prune_failed',
    type: 'gauge',
    help: '1 when the last removal of copies off-site that have expired was refused or cut off.',
    labels: ['kind'],
    samples: states.map(([kind, state]) => ({ labels: { kind }, value: state?.fault === undefined ? 0 : 1 })),
  }
}

/**
 * Creates the reader of the off-site metrics. Reads only the local state, not the storage. No family
 * without off-site storage.
 */
export function createOffsiteMetrics(settings: OffsiteSettings | undefined): MetricsReader {
  return async ({ backupsFolder }) => {
    if (settings === undefined) return []
    const known = await readKnownCopies(backupsFolder, settings)
    const place = { offsite: settings, backupsFolder }
    const pruned = await Promise.all(
      copyKinds.map(async (kind): Promise<[CopyKind, PruneState | undefined]> => [
        kind,
        await readPruneState(place, kind),
      ]),
    )
    return [newestFamily(known), storedFamily(known), pruneFamily(pruned)]
  }
}
