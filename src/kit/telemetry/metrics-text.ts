import type { MetricFamily, MetricsReader, Scrape } from './metric-family.ts'

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

const labelsText = (names: readonly string[], labels: Record<string, string> = {}): string => {
  const pairs = names.map((name) => `${name}="${escaped(labels[name] ?? '')}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const renderFamily = ({ name, type, help, labels: names = [], samples }: MetricFamily): string =>
  [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(({ labels, value }) => `${name}${labelsText(names, labels)} ${value}`),
  ].join('\n')

/** The text format of Prometheus. */
export const renderMetrics = (families: MetricFamily[]): string =>
  families
    .filter(({ samples }) => samples.length > 0)
    .map((family) => `${renderFamily(family)}\n`)
    .join('')

/** A reader that throws fails the scrape: an alert on it beats figures that are silently missing. */
export const readMetrics = async (readers: MetricsReader[], scrape: Scrape): Promise<string> =>
  renderMetrics((await Promise.all(readers.map((read) => read(scrape)))).flat())
