/**
 * What a backup takes against pg_dump alone, of the same format and of the default one, in turn in one run:
 *   node bench/backup.ts [--megabytes=1024] [--rounds=3]
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { median } from './api/summarize.ts'
import { openBackupBench, type BackupBench } from './backup/open-backup-bench.ts'
import { readBenchOptions, reportFigures } from './backup/report.ts'
import type { Measured } from './backup/run-measured.ts'

interface Rounds {
  backup: Measured[]
  zstd: Measured[]
  gzip: Measured[]
}

async function dump({ program, home }: BackupBench, compress: string[]): Promise<Measured> {
  const file = join(home, 'raw.dump')
  const measured = await program('pg_dump', 'backup', ['--format=custom', ...compress, `--file=${file}`])
  await rm(file)
  return measured
}

const { megabytes, rounds } = readBenchOptions()
const bench = await openBackupBench(megabytes)
try {
  const measured: Rounds = { backup: [], zstd: [], gzip: [] }
  // Brings the table into the cache, for whoever comes first.
  await dump(bench, ['--compress=zstd:1'])
  for (let round = 0; round < rounds; round += 1) {
    measured.zstd.push(await dump(bench, ['--compress=zstd:1']))
    measured.backup.push(await bench.backup('backup', ['create']))
    measured.gzip.push(await dump(bench, []))
  }
  const seconds = (of: Measured[]): number => median(of.map((each) => each.seconds))
  const own = seconds(measured.backup)
  const peak = Math.max(...measured.backup.map(({ peakMegabytes }) => peakMegabytes))
  reportFigures(`backup of ${bench.databaseMegabytes.toFixed(0)} MiB, median of ${rounds} rounds`, [
    { name: 'backup: dumped, hashed, encrypted, read back', value: own, unit: 's' },
    { name: 'pg_dump -Fc -Z zstd:1', value: seconds(measured.zstd), unit: 's' },
    { name: 'pg_dump -Fc (gzip)', value: seconds(measured.gzip), unit: 's' },
    {
      name: 'backup / pg_dump of the same format',
      value: own / seconds(measured.zstd),
      unit: 'times',
      atMost: 1.15,
    },
    {
      name: 'backup / pg_dump of its default format',
      value: own / seconds(measured.gzip),
      unit: 'times',
      atMost: 0.35,
    },
    { name: 'memory of the backup and its programs', value: peak, unit: 'MB', atMost: 256 },
  ])
} finally {
  await bench.close()
}
