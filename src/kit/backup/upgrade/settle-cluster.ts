import { text } from 'node:stream/consumers'
import { runProgram, type Programs } from '../../postgres/run-program.ts'
import { adoptCluster, type UpgradePlace } from './upgrade-place.ts'

/** Verifies every page of the stopped server, syncs all files, then moves the cluster into place. */
export async function settleCluster(folder: string, place: UpgradePlace, programs: Programs): Promise<void> {
  const { data } = place
  await runProgram({ programs, name: 'pg_checksums', args: ['--check', '--pgdata', data] }, text)
  // The server ran without fsync.
  await runProgram({ programs, name: 'initdb', args: ['--sync-only', '--pgdata', data] }, text)
  await adoptCluster(folder, place)
}
