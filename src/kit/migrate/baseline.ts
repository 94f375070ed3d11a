import { releaseAdvisoryLock, takeAdvisoryLock, type LockPatience } from './advisory-lock.ts'
import { createJournal, insertRowSql, readJournal } from './journal.ts'
import { CommandError } from '../errors.ts'
import type { Session } from './open-session.ts'
import type { MigrationFile } from './read-migrations.ts'

function filesUpTo(files: MigrationFile[], tag: string): MigrationFile[] {
  const last = files.findIndex((file) => file.tag === tag)
  if (last >= 0) return files.slice(0, last + 1)
  throw new CommandError('usage', `there is no migration ${tag}`, {
    hint: `expected one of ${files.map((file) => file.tag).join(', ')}`,
  })
}

async function assertUntracked(session: Session): Promise<void> {
  const rows = await readJournal(session)
  if (rows.length > 0) {
    throw new CommandError('usage', `the database already records ${rows.length} migrations`, {
      hint: 'baseline is for a database that was never migrated: use up',
    })
  }
  const [found] = await session.run<{ tables: number }>(
    `select count(*)::int as tables from pg_tables where schemaname !~ '^pg_' and schemaname not in ('information_schema', 'drizzle')`,
  )
  if (found?.tables === 0) {
    throw new CommandError('usage', 'the database holds no tables', {
      hint: 'baseline is for a database whose schema is there already: use up',
    })
  }
}

/** Records files as applied without running them, for a database whose schema came from elsewhere. */
export async function baseline(
  session: Session,
  files: MigrationFile[],
  tag: string,
  patience: LockPatience,
): Promise<string[]> {
  const chosen = filesUpTo(files, tag)
  await takeAdvisoryLock(session, patience)
  await assertUntracked(session)
  await createJournal(session)
  await session.run(['begin', ...chosen.map(insertRowSql), 'commit'].join('; '))
  await releaseAdvisoryLock(session)
  return chosen.map((file) => file.tag)
}
