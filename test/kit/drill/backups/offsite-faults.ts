import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import type { OffsiteStage } from '../../integration/backup/offsite-stage.ts'
import type { Random } from '../random.ts'
import type { BackupRow } from './backup-row.ts'
import { readMetric } from './backup-stage.ts'
import { endingOf } from './kill-at-random.ts'

export const networkGone = 'off-site copy: network gone'

const bytes = 3_000_000

interface Listed {
  portable: { name: string; copies: string[] }[]
}

/** Those that the list of backups shows as copied. */
async function shownAsCopied(stage: OffsiteStage): Promise<string[]> {
  const { stdout } = await stage.run(['list', '--json'])
  const { portable } = JSON.parse(stdout) as Listed
  return portable.filter(({ copies }) => copies.includes('offsite')).map(({ name }) => name)
}

/** Anywhere between the first byte that goes up and the last one that is read back. */
export async function cutNetwork(stage: OffsiteStage, random: Random): Promise<BackupRow> {
  const name = await stage.makeBackup({ bytes })
  const dump = join(stage.folder, name, 'database.dump')
  const before = await readFile(dump)
  stage.storage.cutAfter(random.between(0, 2 * bytes - 500_000))
  const ended = await stage.run(['offsite', 'copy'])
  const failed = await readMetric(stage.folder, 'backup_last_run_failed', { job_name: 'offsite_copy' })
  const looked = (await shownAsCopied(stage)).includes(name)
  const fetched = await stage.run(['offsite', 'fetch', name], { BACKUP_FOLDER: await stage.emptyFolder() })
  stage.storage.heal()
  const again = await stage.run(['offsite', 'copy'])
  if (again.code !== 0 || !(await shownAsCopied(stage)).includes(name)) throw new Error(again.stderr)
  return {
    fault: networkGone,
    runs: 1,
    lookedGood: (looked ? 1 : 0) + (fetched.code === 0 ? 1 : 0),
    liveChanged: before.equals(await readFile(dump)) ? 0 : 1,
    ended: [endingOf(ended)],
    expected: '56',
    wrongSentences: /^error: .*cannot be reached.*\nhint: /m.test(ended.stderr) ? 0 : 1,
    wrongMetrics: failed === 1 ? 0 : 1,
  }
}

