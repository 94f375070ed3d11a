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

/** Longest life of the drill, counted from its start; both sides keep to it. */
const timeoutMs = z.int().positive()

const portableRequest = z.strictObject({
  kind: z.literal('portable'),
  timeoutMs,
  manifest,
  /** SQL that makes the roles, in plain statements; the drill's own roles.sql when absent. */
  globals: z.string().optional(),
})

const continuousRequest = z.strictObject({
  kind: z.literal('continuous'),
  timeoutMs,
  database: z.string(),
  /** A moment after the commit of `before` and before that of `after`. */
  moment: z.iso.datetime({ offset: true }),
  before: z.string().regex(/^\d+$/),
  after: z.string().regex(/^\d+$/),
})

/** First line of the hand-over. What follows until its end is the dump; a data folder lies in the shared volume by then. */
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
  /** Tables whose content was compared too, by a hash over every row or over a sample of them. */
  hashedTables: count,
  rows: count,
  migrationsApplied: count,
  /** What was accepted and has to be said, such as an extension that the server brings in a newer version. */
  notes: z.array(short).max(1_000),
  newestRowAt: z.iso.datetime().nullable(),
  /** Commit time of the newest transaction that came out of the archive. */
  newestCommitAt: z.iso.datetime().nullable(),
})

export type Findings = z.infer<typeof findingsSchema>

const faultNames = Object.keys(exitCodes) as [ExitName, ...ExitName[]]

const faultSchema = z.strictObject({
  fault: z.enum(faultNames),
  sentence: short,
  hint: short,
  /** One line per difference from what was promised. */
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

/** One line each, from the drill to the backup. Silence means that the drill is gone. */
export const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('alive') }),
  z.strictObject({ type: z.literal('step'), name: z.enum(stepNames) }),
  outcomeSchema,
])

export type DrillMessage = z.infer<typeof messageSchema>

export const aliveEveryMs = 2_000
export const silenceMs = 20_000
/** A line beyond this is not one of ours. */
export const longestLineBytes = 16 * 1024 * 1024
