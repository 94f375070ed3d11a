import { readFileSync } from 'node:fs'

/** Lines of `environment` of a service in compose.prod.yaml. */
export function composeEnvironment(service: string): string {
  const compose = readFileSync('compose.prod.yaml', 'utf8')
  const block = new RegExp(`^  ${service}:\\n((?:    .*\\n|\\n)+)`, 'm').exec(compose)?.[1] ?? ''
  return /^ {4}environment:\n((?: {6}.*\n)+)/m.exec(block)?.[1] ?? ''
}
