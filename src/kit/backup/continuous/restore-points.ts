import { z } from 'zod'
import { readState, writeState } from '../../host/state-file.ts'

const pointSchema = z.object({
  name: z.string(),
  createdAt: z.iso.datetime(),
  /** WAL segment that contains the point. */
  segment: z.string(),
})
export type RestorePoint = z.infer<typeof pointSchema>

const stateName = 'restore-points'
const kept = 1_000

/**
 * Reads the restore points, oldest first. The points are in the WAL; this file adds their times, which
 * choose the base backup.
 */
export async function readRestorePoints(backupsFolder: string): Promise<RestorePoint[]> {
  return (await readState(backupsFolder, stateName, z.array(pointSchema))) ?? []
}

export async function noteRestorePoint(backupsFolder: string, point: RestorePoint): Promise<void> {
  const others = (await readRestorePoints(backupsFolder)).filter(({ name }) => name !== point.name)
  await writeState(backupsFolder, stateName, [...others, point].slice(-kept))
}
