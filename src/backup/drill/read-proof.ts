import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** Written beside a backup by a drill that restored it, and never by one that failed. */
const proofFileName = 'proof.json'

const proofSchema = z.object({
  ok: z.literal(true),
  provenAt: z.iso.datetime(),
  kind: z.enum(['portable', 'continuous']),
  /** Name of the backup, or label of the base backup. */
  subject: z.string(),
  rtoSeconds: z.number(),
  rpoSeconds: z.number(),
})

type Proof = z.infer<typeof proofSchema>

export const readProof = async (backupFolder: string): Promise<Proof | undefined> => {
  try {
    const parsed = proofSchema.safeParse(
      JSON.parse(await readFile(join(backupFolder, proofFileName), 'utf8')),
    )
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
