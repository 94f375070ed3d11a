import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Moves the WAL of the stopped server in `home` to `folder` and leaves a link. */
export function moveWal(home: string, folder: string): void {
  const wal = join(home, 'data', 'pg_wal')
  execFileSync('cp', ['-a', wal, join(folder, 'pg_wal')])
  execFileSync('rm', ['-r', wal])
  execFileSync('ln', ['-s', join(folder, 'pg_wal'), wal])
}
