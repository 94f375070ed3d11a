import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { metricsIn, readAlerts } from '../../../../ops/metrics/read-alerts.ts'
import { renderMetricsReference } from '../../../../ops/metrics/render-metrics.ts'

const page = readFileSync('docs/reference/metrics.md', 'utf8')

describe('the reference of metrics', () => {
  it('is what the code exports: run `npm run generate` when this fails', async () => {
    expect(page).toBe(await renderMetricsReference())
  })

  it('names every alert, beside a metric that it goes by', () => {
    for (const { name } of readAlerts('ops/prometheus/rules'))
      expect(page).toMatch(new RegExp(`^\\| .*\\[${name}\\]\\(\\.\\./runbooks/${name}\\.md\\)`, 'm'))
  })

  it('has a row for every job that Prometheus scrapes', () => {
    const jobs = [...readFileSync('ops/prometheus/prometheus.yml', 'utf8').matchAll(/job_name: (\w+)/g)].map(
      ([, job = '']) => job,
    )

    expect(jobs.length).toBeGreaterThan(3)
    for (const job of jobs) expect(page).toMatch(new RegExp(`^(Job \`${job}\`|\\| ${job} \\|)`, 'm'))
  })

  it('is refused while an alert goes by what nobody exports', async () => {
    const alerts = [{ name: 'BackupMissing', metrics: ['backup_newest_time'] }]

    await expect(renderMetricsReference(alerts)).rejects.toThrow(
      'alert BackupMissing goes by backup_newest_time, which nobody exports',
    )
  })
})

describe('the metrics of an expression', () => {
  it.each([
    ['up == 0', ['up']],
    ['time() - backup_a_seconds{kind="and"} > 86400', ['backup_a_seconds']],
    ['absent(a{b="c"}) or a > bool 0 offset 5h', ['a']],
    ['max without (type) (a) unless on () b', ['a', 'b']],
    ['rate(a_bucket[5m]) and ignoring (c) sum by (le) (b)', ['a_bucket', 'b']],
  ])('%s', (expression, metrics) => {
    expect(metricsIn(expression)).toEqual(metrics)
  })
})
