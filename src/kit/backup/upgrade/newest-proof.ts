import { describeBackups } from '../list/describe-backups.ts'

/** When a drill has last restored a backup of either kind that is still sound. */
export async function newestProof(backupsFolder: string, now: Date): Promise<string | null> {
  const { portable, continuous } = await describeBackups(backupsFolder, now)
  const proofs = portable.filter(({ fault }) => fault === null).map(({ proof }) => proof?.provenAt)
  return (
    [...proofs, continuous?.proof?.provenAt]
      .filter((at) => at !== undefined)
      .sort()
      .at(-1) ?? null
  )
}
