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
  /** Name of the backup, or label of the base backup; '' when the drill found none. */
  subject: z.string(),
  begunAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  ok: z.boolean(),
  /** Exit code by its name in the table of exit codes. */
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
  /** Accepted differences; absent in records of earlier versions. */
  notes: z.array(z.string()).default([]),
  newestRowAt: z.iso.datetime().optional(),
  /** Commit time of the newest transaction in the archive. */
  newestCommitAt: z.iso.datetime().optional(),
  /** Target of the point-in-time part of the drill. */
  targetTime: z.string().optional(),
  /** Duration of a restore until the API is ready, without comparison and checksums. */
  rtoSeconds: seconds.optional(),
  /** Data loss, in seconds, if the server had failed at the start of the drill. */
  rpoSeconds: seconds.optional(),
})

export type DrillRecord = z.infer<typeof recordSchema>

function stateOf(kind: DrillKind): string {
  return `last-drill-${kind}`
}

/** Saves the record of the last drill of its kind. */
export function writeLastDrill(backupsFolder: string, record: DrillRecord): Promise<void> {
  return writeState(backupsFolder, stateOf(record.kind), record)
}

/** Reads the record of the last drill of one kind. Returns undefined before the first drill. */
export function readLastDrill(backupsFolder: string, kind: DrillKind): Promise<DrillRecord | undefined> {
  return readState(backupsFolder, stateOf(kind), recordSchema)
}
