import { withSession } from '../../postgres/session.ts'
import { adminDatabase, type ContinuousSettings } from './continuous-settings.ts'
import { parsePointName } from './moment.ts'
import { noteRestorePoint, readRestorePoints, type RestorePoint } from './restore-points.ts'
import { CommandError } from '../../errors.ts'

async function refuseKnown(backupsFolder: string, name: string): Promise<void> {
  const known = (await readRestorePoints(backupsFolder)).find((point) => point.name === name)
  if (known === undefined) return
  throw new CommandError(
    'refused',
    `there is a restore point named ${name} already, made at ${known.createdAt}`,
    { hint: 'a restore would stop at the first of the two: choose another name' },
  )
}

/**
 * Creates a named restore point in the WAL and switches the segment, so that it is archived at once.
 * Throws CommandError when the name is in use or invalid.
 */
export async function createRestorePoint(settings: ContinuousSettings, name: string): Promise<RestorePoint> {
  const { database, backupsFolder } = settings
  await refuseKnown(backupsFolder, parsePointName(name))
  const point = await withSession(
    { settings: database, database: adminDatabase, lockTimeoutMs: 5_000 },
    async (session) => {
      const [row] = await session<{ segment: string; created_at: Date }[]>`
      select pg_walfile_name(pg_create_restore_point(${name})) as segment, clock_timestamp() as created_at`
      // Recovery to a time needs a commit after the target to detect that it has passed it.
      await session`select pg_current_xact_id()`
      await session`select pg_switch_wal()`
      return { name, segment: row?.segment ?? '', createdAt: (row?.created_at ?? new Date()).toISOString() }
    },
  )
  await noteRestorePoint(backupsFolder, point)
  return point
}
