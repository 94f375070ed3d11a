import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

function textOf(folder: string): string {
  return readdirSync(folder)
    .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
    .join('\n')
}

const rules = textOf('ops/prometheus/rules')
const tests = textOf('ops/prometheus/tests')
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name ?? '')

/** promtool runs them in `make check`; that there is one to run is said here. */
describe.each(alerts)('alert %s', (alert) => {
  it('has a test that it fires and one that it stays silent', () => {
    for (const state of ['fires', 'silent'])
      expect(tests).toMatch(new RegExp(`- name: ${alert}( \\([^)]*\\))? ${state}\\n`))
  })

  it('has tests that look a while before it fires, where it waits at all', () => {
    const rule = rules.split(/^ *- alert: /m).find((block) => block.startsWith(`${alert}\n`)) ?? ''
    const firing = tests
      .split(/^ *- name: /m)
      .filter((block) => new RegExp(`^${alert}( \\([^)]*\\))? fires\n`).test(block))

    expect(firing).not.toEqual([])
    if (/^ *for: /m.test(rule)) for (const block of firing) expect(block).toContain('exp_alerts: []')
  })

  it('leads to a runbook of its own, with what it means and what to do', () => {
    const file = `docs/runbooks/${alert}.md`

    expect(rules).toContain(`runbook: ${file}`)
    expect(existsSync(file)).toBe(true)
    const page = readFileSync(file, 'utf8')
    for (const part of ['Meaning', 'Impact', 'Diagnosis', 'Mitigation'])
      expect(page).toContain(`**${part}.**`)
  })
})

it('every runbook belongs to an alert', () => {
  expect(readdirSync('docs/runbooks').sort()).toEqual(alerts.map((alert) => `${alert}.md`).sort())
})
