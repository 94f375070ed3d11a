/** Markdown with aligned columns, so that a run can be kept as it was printed. */
export interface MarkdownTable {
  head: () => string
  row: (cells: (string | number)[]) => string
}

export function createTable(columns: string[], firstWidth: number): MarkdownTable {
  const row = (cells: (string | number)[]): string =>
    `| ${cells.map((cell, n) => (n === 0 ? String(cell).padEnd(firstWidth) : String(cell).padStart(columns[n]?.length ?? 0))).join(' | ')} |`
  const dashes = columns.map((name, n) =>
    n === 0 ? '-'.repeat(firstWidth + 2) : `${'-'.repeat(name.length + 1)}:`,
  )
  return { row, head: () => `${row(columns)}\n|${dashes.join('|')}|` }
}
