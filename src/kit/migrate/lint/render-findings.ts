import type { Finding } from './lint-files.ts'

/** One finding in two lines, the first in the form that editors and CI logs make a link of. */
export function renderFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ file, line, severity, rule, sentence, hint }) => {
      return `${file}:${line}: ${severity}[${rule}] ${sentence}\n  hint: ${hint}\n`
    })
    .join('')
}
