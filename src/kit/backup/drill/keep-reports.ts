import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '../../host/durable-file.ts'
import type { DrillRecord } from '../portable/drill-record.ts'
import { renderReport } from './drill-report.ts'

/** Relative to the backups folder. */
const reportsPath = join('state', 'drills')
/** More than a year of weekly drills of both kinds. */
const keptReports = 120

const reportPattern = /^\d{8}T\d{6}\d{3}Z-(portable|continuous)\.(md|json)$/

function stemOf({ begunAt, kind }: DrillRecord): string {
  return `${begunAt.replace(/[-:.]/g, '')}-${kind}`
}

async function prune(folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((file) => reportPattern.test(file)).sort()
  const stems = [...new Set(files.map((file) => file.replace(/\.\w+$/, '')))]
  for (const stem of stems.slice(0, Math.max(0, stems.length - keptReports))) {
    for (const ending of ['md', 'json']) await rm(join(folder, `${stem}.${ending}`), { force: true })
  }
}

/**
 * Writes the report as Markdown and JSON, removes the oldest reports, and returns the path below the
 * backups folder.
 */
export async function keepReport(backupsFolder: string, record: DrillRecord): Promise<string> {
  const folder = join(backupsFolder, reportsPath)
  await mkdir(folder, { recursive: true, mode: 0o750 })
  await writeDurably(join(folder, `${stemOf(record)}.json`), `${JSON.stringify(record, null, 2)}\n`)
  await writeDurably(join(folder, `${stemOf(record)}.md`), renderReport(record))
  await prune(folder)
  return join(reportsPath, `${stemOf(record)}.md`)
}
