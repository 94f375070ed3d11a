const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Formats a size in the largest unit that fits. */
export function readableBytes(bytes: number): string {
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

/** Formats a duration in the largest unit that fits: '3 d', '5 h', '12 min', '40 s'. */
export function readableAge(ms: number): string {
  const step = steps.find(([size]) => ms >= size)
  return step === undefined
    ? `${Math.max(0, Math.floor(ms / 1_000))} s`
    : `${Math.floor(ms / step[0])} ${step[1]}`
}
