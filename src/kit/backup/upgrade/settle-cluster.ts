import { text } from 'node:stream/consumers'
import { runProgram, type Programs } from '../../postgres/run-program.ts'
import { adoptCluster, type UpgradePlace } from './upgrade-place.ts'

/** Of a server that was stopped: every page is checked, every file is written out, and then it is a cluster. */
export async function settleCluster(folder: string, place: UpgradePlace, programs: Programs): Promise<void> {
  const { data } = place
  await runProgram({ programs, name: 'pg_checksums', args: ['--check', '--pgdata', data] }, text)
  // It ran without fsync.
  await runProgram({ programs, name: 'initdb', args: ['--sync-only', '--pgdata', data] }, text)
  await adoptCluster(folder, place)
}
