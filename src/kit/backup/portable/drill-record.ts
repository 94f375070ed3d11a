import { z } from 'zod'
import { readState, writeState } from '../../host/state-file.ts'

export const drillKinds = ['portable', 'continuous'] as const

export type DrillKind = (typeof drillKinds)[number]

export const stepNames = [
  'receive',
  'server',
  'restore',
  'moment',
  'replay',
  'compare',
  'analyze',
  'migrate',
  'api',
  'checksums',
] as const

const seconds = z.number().nonnegative()

const recordSchema = z.object({
  kind: z.enum(drillKinds),
  /** Name of the backup, or label of the base backup; '' when there was none to restore. */
  subject: z.string(),
  begunAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  ok: z.boolean(),
  /** What went wrong, by the name in the table of exit codes. */
  fault: z.string().optional(),
  sentence: z.string().optional(),
  hint: z.string().optional(),
  differences: z.array(z.string()),
  steps: z.array(z.object({ name: z.enum(stepNames), ms: z.number() })),
  serverVersion: z.string().optional(),
  comparedTables: z.int(),
  hashedTables: z.int(),
  rows: z.int(),
  migrationsApplied: z.int(),
  /** What was accepted and has to be said; none in the records of earlier versions. */
  notes: z.array(z.string()).default([]),
  newestRowAt: z.iso.datetime().optional(),
  /** Commit of the newest transaction that came out of the archive. */
  newestCommitAt: z.iso.datetime().optional(),
  /** Moment to which the point-in-time part of the drill went. */
  targetTime: z.string().optional(),
  /** What a restore takes until the API is ready; comparison and checksums apart. */
  rtoSeconds: seconds.optional(),
  /** What would have been lost had the server gone when the drill began. */
  rpoSeconds: seconds.optional(),
})

export type DrillRecord = z.infer<typeof recordSchema>

function stateOf(kind: DrillKind): string {
  return `last-drill-${kind}`
}

export function writeLastDrill(backupsFolder: string, record: DrillRecord): Promise<void> {
  return writeState(backupsFolder, stateOf(record.kind), record)
}

export function readLastDrill(backupsFolder: string, kind: DrillKind): Promise<DrillRecord | undefined> {
  return readState(backupsFolder, stateOf(kind), recordSchema)
}
