import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Alert {
  name: string
  /** Metrics in its expression. */
  metrics: string[]
}

const keywords = new Set(['and', 'or', 'unless', 'bool', 'offset'])

/** What is left of an expression without labels, ranges and functions. */
export function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '')
  const names = [...bare.matchAll(/(?<![\w.])([a-zA-Z_:][\w:]*)\b(?!\s*\()/g)].map(([, name]) => name ?? '')
  const isMetric = (name: string, at: number): boolean => !keywords.has(name) && names.indexOf(name) === at
  return names.filter(isMetric)
}

function alertsIn(rules: string): Alert[] {
  return rules
    .split(/^ *- alert: /m)
    .slice(1)
    .map((block) => {
      const [name = ''] = /^\w+/.exec(block) ?? []
      const [, expression] = /^ *expr: ([\s\S]*?)^ *(?:for|labels):/m.exec(block) ?? []
      if (expression === undefined) throw new Error(`alert ${name} has no expression`)
      return { name, metrics: metricsIn(expression.replace(/^\|\n/, '')) }
    })
}

/** Of all files of rules in `folder`. */
export function readAlerts(folder: string): Alert[] {
  return readdirSync(folder)
    .sort()
    .flatMap((file) => alertsIn(readFileSync(join(folder, file), 'utf8')))
}
