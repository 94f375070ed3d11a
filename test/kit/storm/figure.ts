/** One line of the table: what was measured, what it may be, and whether it is. */
export interface Figure {
  name: string
  value: number
  unit: '' | '%' | 'ms' | 's' | 'MB' | '/s' | 'times'
  /** None is for information. */
  atMost?: number
  atLeast?: number
}

export function isWithin({ value, atMost, atLeast }: Figure): boolean {
  if (atMost === undefined && atLeast === undefined) return true
  // A figure that was not measured is not within anything.
  if (!Number.isFinite(value)) return false
  return value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY)
}

function withUnit(value: number, unit: Figure['unit']): string {
  const digits = unit === 'times' || unit === 's' ? 2 : unit === 'ms' || unit === 'MB' || unit === '%' ? 1 : 0
  return `${value.toFixed(digits)}${unit === '' || unit === '/s' || unit === '%' ? '' : ' '}${unit}`
}

function limitOf({ atMost, atLeast, unit }: Figure): string {
  if (atMost !== undefined) return atMost === 0 ? 'none' : `at most ${withUnit(atMost, unit)}`
  return atLeast === undefined ? '' : `at least ${withUnit(atLeast, unit)}`
}

function verdictOf(figure: Figure): string {
  return limitOf(figure) === '' ? '' : isWithin(figure) ? 'within' : 'BEYOND'
}

export function renderFigures(title: string, figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    withUnit(figure.value, figure.unit),
    limitOf(figure),
    verdictOf(figure),
  ])
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  const widths = [0, 1, 2].map(width)
  const line = ([name = '', value = '', limit = '', verdict = '']: string[]): string =>
    `  ${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${limit.padEnd(widths[2] ?? 0)}  ${verdict}`.trimEnd()
  return [title, ...rows.map(line)].join('\n')
}
