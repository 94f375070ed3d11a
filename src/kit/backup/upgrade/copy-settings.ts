import { pgError } from '../../postgres/pg-error.ts'
import type { Session } from '../../postgres/session.ts'
import { sqlIdentifier, sqlLiteral } from '../../postgres/sql-identifier.ts'

interface Setting {
  name: string
  value: string
}

/** Settings of ALTER SYSTEM are in the data folder and not in a dump. */
function readOwnSettings(session: Session): Promise<Setting[]> {
  return session<Setting[]>`
    select name, setting as value from pg_file_settings
    where sourcefile like '%postgresql.auto.conf' and name is not null order by seqno`.then((rows) => [
    ...rows,
  ])
}

/**
 * Copies the ALTER SYSTEM settings. Returns those that the new server rejects, as sentences for the
 * operator.
 */
export async function copySettings(from: Session, to: Session): Promise<string[]> {
  const left: string[] = []
  for (const { name, value } of await readOwnSettings(from)) {
    try {
      await to.unsafe(`ALTER SYSTEM SET ${sqlIdentifier(name)} TO ${sqlLiteral(value)}`)
    } catch (err) {
      if (pgError(err) === undefined) throw err
      left.push(`setting ${name}=${value} of the server (ALTER SYSTEM)`)
    }
  }
  return left
}
