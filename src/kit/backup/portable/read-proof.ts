import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readState } from '../../host/state-file.ts'

/** File that a successful drill writes beside its backup. Not part of the checksums. */
export const proofFileName = 'proof.json'
/** State file, because the continuous backup has one proof for all base backups. */
export const continuousProofState = 'proof-continuous'

const proofSchema = z.object({
  ok: z.literal(true),
  provenAt: z.iso.datetime(),
  kind: z.enum(['portable', 'continuous']),
  /** Name of the backup, or label of the base backup. */
  subject: z.string(),
  /** Target of the point-in-time part of the drill. */
  targetTime: z.string().optional(),
  rtoSeconds: z.number(),
  rpoSeconds: z.number(),
  newestRowAt: z.iso.datetime().optional(),
  comparedTables: z.int(),
  /** Path relative to the backups folder. */
  report: z.string(),
})

export type Proof = z.infer<typeof proofSchema>

/** Reads the proof beside a portable backup. Returns undefined without a readable proof. */
export async function readProof(backupFolder: string): Promise<Proof | undefined> {
  try {
    const parsed = proofSchema.safeParse(
      JSON.parse(await readFile(join(backupFolder, proofFileName), 'utf8')),
    )
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

/** Reads the proof of the continuous backup. Returns undefined before the first successful drill. */
export function readContinuousProof(backupsFolder: string): Promise<Proof | undefined> {
  return readState(backupsFolder, continuousProofState, proofSchema)
}
