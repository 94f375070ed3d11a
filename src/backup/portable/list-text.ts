import type { StoredBackup } from './stored-backup.ts'

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

export const readableBytes = (bytes: number): string => {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10))
  const amount = bytes / 1024 ** power
  return `${power === 0 ? amount : amount.toFixed(1)} ${units[power] ?? ''}`
}

const minute = 60_000
const steps: [ms: number, unit: string][] = [
  [24 * 60 * minute, 'd'],
  [60 * minute, 'h'],
  [minute, 'min'],
]

/** The largest unit that fits: '3 d', '5 h', '12 min', '40 s'. */
export const readableAge = (ms: number): string => {
  const step = steps.find(([size]) => ms >= size)
  return step === undefined
    ? `${Math.max(0, Math.floor(ms / 1_000))} s`
    : `${Math.floor(ms / step[0])} ${step[1]}`
}

const cells = ({ name, manifest, fault }: StoredBackup, now: Date): string[] => [
  name,
  manifest === undefined ? '-' : readableAge(now.getTime() - Date.parse(manifest.createdAt)),
  manifest === undefined ? '-' : readableBytes(manifest.dump.bytes),
  manifest === undefined ? '-' : `${(manifest.durationMs / 1_000).toFixed(1)} s`,
  fault ?? 'ok',
]

/** A table for the terminal, the newest first. */
export const renderList = (stored: StoredBackup[], now: Date): string => {
  const rows = [['NAME', 'AGE', 'SIZE', 'TOOK', 'STATE'], ...stored.map((backup) => cells(backup, now))]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n')
}
