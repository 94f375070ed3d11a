import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import type { ContinuousSettings } from '../continuous/continuous-settings.ts'
import { lockFolder } from '../../host/folder-lock.ts'
import { describeFault } from './drill-outcome.ts'
import { writeLastDrill, type DrillRecord } from '../portable/drill-record.ts'
import type { DrillSettings } from './drill-settings.ts'
import { noteDrill } from '../portable/failed-drill.ts'
import { requestContinuousDrill } from './request-continuous-drill.ts'
import { requestPortableDrill } from './request-portable-drill.ts'
import type { DrillResult } from './drill-result.ts'
import type { DrillFault, StepName, StepTime } from './drill-protocol.ts'
import { keepReport } from './keep-reports.ts'
import { writeProof } from './write-proof.ts'

export type DrillTarget =
  /** `name` is the name of a portable backup, or `latest`. */
  { kind: 'portable'; name: string } | { kind: 'continuous'; continuous: ContinuousSettings }

/** Steps that a real restore does not have; they do not count for the RTO. */
const apart = new Set<StepName>(['moment', 'compare', 'checksums'])

function restoreSeconds(steps: StepTime[]): number {
  return steps.filter(({ name }) => !apart.has(name)).reduce((sum, { ms }) => sum + ms, 0) / 1_000
}

type Frame = Pick<DrillRecord, 'kind' | 'subject' | 'begunAt' | 'endedAt'>

function failure(
  frame: Frame,
  steps: StepTime[],
  { fault, sentence, hint, differences }: DrillFault,
): DrillRecord {
  return {
    ...frame,
    ok: false,
    fault,
    sentence,
    hint,
    differences,
    steps,
    comparedTables: 0,
    hashedTables: 0,
    rows: 0,
    migrationsApplied: 0,
    notes: [],
  }
}

function success(
  frame: Frame,
  { outcome, assumedFailureAt, recoveredTo, targetTime }: DrillResult,
): DrillRecord | undefined {
  const { findings, steps } = outcome
  if (findings === null) return undefined
  const { newestRowAt, newestCommitAt, ...rest } = findings
  return {
    ...frame,
    ...rest,
    ok: true,
    differences: [],
    steps,
    newestRowAt: newestRowAt ?? undefined,
    newestCommitAt: newestCommitAt ?? undefined,
    targetTime,
    rtoSeconds: restoreSeconds(steps),
    rpoSeconds: Math.max(0, assumedFailureAt.getTime() - recoveredTo.getTime()) / 1_000,
  }
}

const saidNothing: DrillFault = {
  fault: 'failed',
  sentence: 'the drill ended without a finding',
  hint: 'read the log of the drill: make logs SERVICE=drill',
  differences: [],
}

function requestTarget(
  settings: DrillSettings,
  target: DrillTarget,
  onSubject: (name: string) => void,
): Promise<DrillResult> {
  return target.kind === 'portable'
    ? requestPortableDrill(settings, target.name, onSubject)
    : requestContinuousDrill(settings, target.continuous, onSubject)
}

/** Every error is a failed drill, a missing backup included. */
async function attempt(settings: DrillSettings, target: DrillTarget): Promise<DrillRecord> {
  const begunAt = new Date().toISOString()
  let subject = ''
  const frame = (): Frame => ({ kind: target.kind, subject, begunAt, endedAt: new Date().toISOString() })
  try {
    const result = await requestTarget(settings, target, (found) => (subject = found))
    const { fault, steps } = result.outcome
    return (
      (fault === null ? success(frame(), result) : undefined) ?? failure(frame(), steps, fault ?? saidNothing)
    )
  } catch (err) {
    return failure(frame(), [], describeFault(err))
  }
}

async function keep(backupsFolder: string, record: DrillRecord): Promise<void> {
  const report = await keepReport(backupsFolder, record)
  await writeLastDrill(backupsFolder, record)
  if (record.ok) await writeProof(backupsFolder, record, report)
  await noteDrill(backupsFolder, record)
}

const lockName = join('state', 'drills')

/**
 * Runs one drill, saves its report, and returns the record. A second drill at the same time throws
 * CommandError `busy` and leaves no record.
 */
export async function runDrill(settings: DrillSettings, target: DrillTarget): Promise<DrillRecord> {
  const folder = join(settings.backupsFolder, lockName)
  await mkdir(folder, { recursive: true, mode: 0o750 })
  const lock = await lockFolder(folder, 'drill')
  try {
    const record = await attempt(settings, target)
    if (record.fault === 'terminated' && settings.signal?.aborted === true) {
      throw new CommandError('terminated', 'the drill was stopped before its end', {
        hint: 'start it again: make verify-backup',
      })
    }
    await keep(settings.backupsFolder, record)
    return record
  } finally {
    await lock.release()
  }
}
