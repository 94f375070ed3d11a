/**
 * What a restore takes against pg_restore alone, in turn in one run, and a proven restore from begin to end:
 *   node bench/restore.ts [--megabytes=1024] [--rounds=3]
 */
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openDrillService } from '../test/kit/integration/backup/drill-service.ts'
import { median } from './api/summarize.ts'
import { openBackupBench, type BackupBench } from './backup/open-backup-bench.ts'
import { readBenchOptions, reportFigures } from './backup/report.ts'
import type { Measured } from './backup/run-measured.ts'

const provenWithinSeconds = 300

/** The file is there before the clock starts, and is restored as the command does it: in one transaction. */
async function restoreRaw({ program, admin }: BackupBench, file: string): Promise<Measured> {
  await admin`create database raw_restore`
  const options = ['--no-owner', '--single-transaction', '--exit-on-error', '--dbname=raw_restore', file]
  const measured = await program('pg_restore', 'postgres', options)
  await admin`drop database raw_restore`
  return measured
}

interface Restored extends Measured {
  /** As the command states them: the content alone, and its comparison with the manifest. */
  restoreSeconds: number
  compareSeconds: number
}

async function restore({ backup }: BackupBench): Promise<Restored> {
  const measured = await backup('migrator', ['restore', '--from', 'latest', '--drop-older'])
  const [, restored, compared] = /restored in ([\d.]+) s, compared in ([\d.]+) s/.exec(measured.stdout) ?? []
  return { ...measured, restoreSeconds: Number(restored), compareSeconds: Number(compared) }
}

async function prove({ backup, home, server }: BackupBench): Promise<Measured> {
  const handoffFolder = join(home, 'hand-over')
  await mkdir(handoffFolder)
  for (const folder of [home, handoffFolder]) await chmod(folder, 0o755)
  const service = await openDrillService(handoffFolder, server.tools)
  try {
    return await backup('backup', ['drill', '--kind', 'portable'], { BACKUP_DRILL_FOLDER: handoffFolder })
  } finally {
    await service.close()
  }
}

const { megabytes, rounds } = readBenchOptions()
const bench = await openBackupBench(megabytes)
try {
  await bench.backup('backup', ['create'])
  const file = join(bench.home, 'raw.dump')
  await bench.program('pg_dump', 'postgres', ['--format=custom', '--compress=zstd:1', `--file=${file}`])
  const raw: Measured[] = []
  const own: Restored[] = []
  for (let round = 0; round < rounds; round += 1) {
    raw.push(await restoreRaw(bench, file))
    own.push(await restore(bench))
  }
  const proven = await prove(bench)
  const rawSeconds = median(raw.map(({ seconds }) => seconds))
  const of = (pick: (each: Restored) => number): number => median(own.map(pick))
  const ratio = of(({ restoreSeconds }) => restoreSeconds) / rawSeconds
  const peak = Math.max(...own.map(({ peakMegabytes }) => peakMegabytes))
  reportFigures(`restore of ${bench.databaseMegabytes.toFixed(0)} MiB, median of ${rounds} rounds`, [
    { name: 'pg_restore', value: rawSeconds, unit: 's' },
    { name: 'content restored', value: of(({ restoreSeconds }) => restoreSeconds), unit: 's' },
    {
      name: 'content compared with the manifest',
      value: of(({ compareSeconds }) => compareSeconds),
      unit: 's',
    },
    {
      name: 'the whole command: checked, restored, compared, swapped',
      value: of(({ seconds }) => seconds),
      unit: 's',
    },
    { name: 'restore / pg_restore, verification apart', value: ratio, unit: 'times', atMost: 1.15 },
    {
      name: 'proven restore, from begin to end',
      value: proven.seconds,
      unit: 's',
      atMost: provenWithinSeconds,
    },
    { name: 'memory of the restore and its programs', value: peak, unit: 'MB', atMost: 256 },
    {
      name: 'memory of the service that hands the drill over',
      value: proven.peakMegabytes,
      unit: 'MB',
      atMost: 256,
    },
  ])
} finally {
  await bench.close()
}
