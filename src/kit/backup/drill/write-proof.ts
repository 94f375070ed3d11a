import { join } from 'node:path'
import { replaceDurably } from '../../host/durable-file.ts'
import { writeState } from '../../host/state-file.ts'
import type { DrillRecord } from '../portable/drill-record.ts'
import { continuousProofState, proofFileName, type Proof } from '../portable/read-proof.ts'

function proofOf(record: DrillRecord, report: string): Proof {
  return {
    ok: true,
    provenAt: record.endedAt,
    kind: record.kind,
    subject: record.subject,
    targetTime: record.targetTime,
    rtoSeconds: record.rtoSeconds ?? 0,
    rpoSeconds: record.rpoSeconds ?? 0,
    newestRowAt: record.newestRowAt,
    comparedTables: record.comparedTables,
    report,
  }
}

/** Writes the proof of a successful drill beside its backup. */
export async function writeProof(backupsFolder: string, record: DrillRecord, report: string): Promise<void> {
  const proof = proofOf(record, report)
  if (record.kind === 'continuous') return writeState(backupsFolder, continuousProofState, proof)
  const file = join(backupsFolder, record.subject, proofFileName)
  await replaceDurably(file, `${JSON.stringify(proof, null, 2)}\n`)
}
