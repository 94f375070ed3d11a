import { describeBackups } from '../list/describe-backups.ts'

/** Returns the time of the newest drill whose backup, of either kind, is still intact; null without one. */
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
