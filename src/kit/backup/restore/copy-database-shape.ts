import { pgError } from '../../postgres/pg-error.ts'
import { grantStatements, type DatabaseShape } from '../../postgres/database-shape.ts'
import type { Session } from '../../postgres/session.ts'
import { sqlIdentifier, sqlLiteral } from '../../postgres/sql-identifier.ts'

/**
 * FROM CURRENT takes the value as the server itself holds it, so that lists such as search_path need no quoting of ours.
 * Local to the transaction: the session must not begin to live by these settings.
 */
async function copySetting(session: Session, database: string, name: string, value: string): Promise<void> {
  // In force for the length of the transaction, a short one would end it.
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

/** Returns what only a superuser may set again, as sentences for the operator. */
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

/** Gives a new database what the live one has beside its content. */
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
