import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { dumpKeys } from '../portable/dump-keys.ts'
import { listDump } from '../portable/list-dump.ts'
import { openDump } from '../portable/open-dump.ts'
import { withProgress } from '../../host/progress.ts'
import type { RestorePlan, RestoreSettings } from './plan-restore.ts'
import { entriesForTable, findTable, type TableName } from './table-entries.ts'

interface RestoreInput {
  /** Plaintext of the dump; never written to disk. */
  input: Readable
  /** File with the archive entries for --use-list; undefined for all of them. */
  listFile: string | undefined
  close: () => Promise<void>
}

/** A temporary folder is safe: the list contains names of objects, not rows. */
async function writeList(
  settings: RestoreSettings,
  plan: RestorePlan,
  table: TableName,
): Promise<{ listFile: string; close: () => Promise<void> }> {
  const listing = await listDump(
    await openDump(plan.backup, dumpKeys(settings.encryption)),
    settings.programs,
  )
  const folder = await mkdtemp(join(tmpdir(), 'slipway-restore-list-'))
  const listFile = join(folder, 'list')
  await writeFile(listFile, entriesForTable(listing, findTable(plan.manifest, table)))
  return { listFile, close: () => rm(folder, { recursive: true, force: true }) }
}

export async function openRestoreInput(
  settings: RestoreSettings,
  plan: RestorePlan,
  table: TableName | undefined,
): Promise<RestoreInput> {
  const list = table === undefined ? undefined : await writeList(settings, plan, table)
  const dump = await openDump(plan.backup, dumpKeys(settings.encryption))
  const expected = { bytes: plan.manifest.dump.plainBytes, isAbout: false }
  return {
    input: withProgress(dump, settings.progress?.('restore', expected)),
    listFile: list?.listFile,
    close: list?.close ?? (() => Promise.resolve()),
  }
}
