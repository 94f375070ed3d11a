import { pgError } from '../../postgres/pg-error.ts'
import { grantStatements, type DatabaseShape } from '../../postgres/database-shape.ts'
import type { Session } from '../../postgres/session.ts'
import { sqlIdentifier, sqlLiteral } from '../../postgres/sql-identifier.ts'

/**
 * SET ... FROM CURRENT takes the value from the server, so that lists such as search_path need no quoting.
 * SET LOCAL keeps the value out of this session.
 */
async function copySetting(session: Session, database: string, name: string, value: string): Promise<void> {
  // A short timeout would already apply to this transaction.
  if (name.endsWith('_timeout')) {
    await session.unsafe(`ALTER DATABASE ${sqlIdentifier(database)} SET ${name} TO ${sqlLiteral(value)}`)
    return
  }
  await session`begin`
  try {
    await session`select set_config(${name}, ${value}, true)`
    await session.unsafe(`ALTER DATABASE ${sqlIdentifier(database)} SET ${name} FROM CURRENT`)
    await session`commit`
  } catch (err) {
    await session`rollback`
    throw err
  }
}

/** Returns the settings that only a superuser may set, as sentences for the operator. */
async function copySettings(session: Session, database: string, shape: DatabaseShape): Promise<string[]> {
  const left = shape.roleSettings.map(
    ({ role, setting }) => `setting ${setting} of role ${role} in the database`,
  )
  for (const { name, value } of shape.settings) {
    try {
      await copySetting(session, database, name, value)
    } catch (err) {
      if (pgError(err)?.sqlState !== '42501') throw err
      left.push(`setting ${name}=${value} of the database`)
    }
  }
  return left
}

/**
 * Copies comment, grants and settings of the live database to a new one. Returns what was not copied, as
 * sentences for the operator.
 */
export async function copyDatabaseShape(
  session: Session,
  database: string,
  shape: DatabaseShape,
): Promise<string[]> {
  for (const statement of grantStatements(database, shape)) await session.unsafe(statement)
  if (shape.comment !== null) {
    await session.unsafe(`COMMENT ON DATABASE ${sqlIdentifier(database)} IS ${sqlLiteral(shape.comment)}`)
  }
  return copySettings(session, database, shape)
}
