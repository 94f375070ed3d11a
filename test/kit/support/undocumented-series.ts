import { readFileSync } from 'node:fs'

interface Documented {
  type: string
  labels: string
}

function readReference(): Map<string, Documented> {
  const text = readFileSync(new URL('../../../docs/reference/metrics.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| `(\w+)` \| (gauge|counter|histogram) \| ([^|]*) \|/gm)]
  return new Map(rows.map(([, name = '', type = '', labels = '']) => [name, { type, labels }]))
}

function labelsOf(text: string): string {
  return [...text.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)]
    .map(([, label = '']) => label)
    .filter((label) => label !== 'le')
    .map((label) => `\`${label}\``)
    .join(', ')
}

/** What a scrape holds and docs/reference/metrics.md does not, or otherwise. */
export function undocumentedSeries(scrape: string): string[] {
  const reference = readReference()
  const types = [...scrape.matchAll(/^# TYPE (\w+) (\w+)$/gm)]
  if (types.length === 0) throw new Error(`this is no scrape: ${scrape.slice(0, 200)}`)
  const strangers = types.filter(([, name = '', type]) => reference.get(name)?.type !== type)
  const series = [...scrape.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)].filter(([, name = '', labels = '']) => {
    const row = reference.get(name) ?? reference.get(name.replace(/_(bucket|sum|count)$/, ''))
    return row?.labels !== labelsOf(labels)
  })
  return [...strangers, ...series].map(([line]) => line)
}
