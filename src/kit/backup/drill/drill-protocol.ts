import { z } from 'zod'
import { exitCodes, type ExitName } from '../../errors.ts'
import { stepNames } from '../portable/drill-record.ts'
import { parseManifest } from '../portable/manifest.ts'

const manifest = z.unknown().transform((value, context) => {
  const parsed = parseManifest(JSON.stringify(value))
  if (parsed !== undefined) return parsed
  context.addIssue('not a manifest of a format that this version reads')
  return z.NEVER
})

/** Maximum duration of the drill in ms, counted from its start and enforced by both sides. */
const timeoutMs = z.int().positive()

const portableRequest = z.strictObject({
  kind: z.literal('portable'),
  timeoutMs,
  manifest,
  /** SQL that creates the roles; without it the drill uses its own roles.sql. */
  globals: z.string().optional(),
})

const continuousRequest = z.strictObject({
  kind: z.literal('continuous'),
  timeoutMs,
  database: z.string(),
  /** Between the commits of `before` and `after`. */
  moment: z.iso.datetime({ offset: true }),
  before: z.string().regex(/^\d+$/),
  after: z.string().regex(/^\d+$/),
})

/**
 * First line of the request. A portable drill sends the dump after it. A continuous drill sends nothing
 * more: its data folder is on the shared volume.
 */
export const requestSchema = z.discriminatedUnion('kind', [portableRequest, continuousRequest])

export type DrillRequest = z.infer<typeof requestSchema>
export type PortableRequest = z.infer<typeof portableRequest>
export type ContinuousRequest = z.infer<typeof continuousRequest>

const stepSchema = z.strictObject({ name: z.enum(stepNames), ms: z.int().nonnegative() })

export type StepName = (typeof stepNames)[number]
export type StepTime = z.infer<typeof stepSchema>

const count = z.int().nonnegative()
const short = z.string().max(2_000)

const findingsSchema = z.strictObject({
  serverVersion: short,
  comparedTables: count,
  /** Number of tables whose content was also compared, by a hash of all rows or of a sample. */
  hashedTables: count,
  rows: count,
  migrationsApplied: count,
  /** Accepted differences, such as a newer version of an extension. */
  notes: z.array(short).max(1_000),
  newestRowAt: z.iso.datetime().nullable(),
  /** Commit time of the newest transaction in the archive. */
  newestCommitAt: z.iso.datetime().nullable(),
})

export type Findings = z.infer<typeof findingsSchema>

const faultNames = Object.keys(exitCodes) as [ExitName, ...ExitName[]]

const faultSchema = z.strictObject({
  fault: z.enum(faultNames),
  sentence: short,
  hint: short,
  /** One line per difference from the backup. */
  differences: z.array(short).max(50),
})

export type DrillFault = z.infer<typeof faultSchema>

const outcomeSchema = z.strictObject({
  type: z.literal('ended'),
  fault: faultSchema.nullable(),
  steps: z.array(stepSchema).max(stepNames.length),
  findings: findingsSchema.nullable(),
})

export type DrillOutcome = z.infer<typeof outcomeSchema>

/** Messages of the drill service, one per line. `alive` messages show that it still runs. */
export const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('alive') }),
  z.strictObject({ type: z.literal('step'), name: z.enum(stepNames) }),
  outcomeSchema,
])

export type DrillMessage = z.infer<typeof messageSchema>

export const aliveEveryMs = 2_000
export const silentMs = 20_000
/** A longer line violates the protocol. */
export const longestLineBytes = 16 * 1024 * 1024
