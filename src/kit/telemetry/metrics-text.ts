import type { MetricFamily, MetricsReader, Scrape } from './metric-family.ts'

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function labelsText(names: readonly string[], labels: Record<string, string> = {}): string {
  const pairs = names.map((name) => `${name}="${escaped(labels[name] ?? '')}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function renderFamily({ name, type, help, labels: names = [], samples }: MetricFamily): string {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(({ labels, value }) => `${name}${labelsText(names, labels)} ${value}`),
  ].join('\n')
}

/** Renders the text format of Prometheus. */
export function renderMetrics(families: MetricFamily[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map((family) => `${renderFamily(family)}\n`)
    .join('')
}

/**
 * Renders the families of all readers. A reader that throws fails the scrape: an alert on that is better than metrics
 * that are silently missing.
 */
export async function readMetrics(readers: MetricsReader[], scrape: Scrape): Promise<string> {
  return renderMetrics((await Promise.all(readers.map((read) => read(scrape)))).flat())
}
