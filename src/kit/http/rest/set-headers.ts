import type { HttpEnv } from '../context.ts'

/**
 * Sets headers on Node's own response: Hono would collect them in a `Headers` object, which costs more than writing
 * the answer.
 */
export function setHeaders({ env }: { env: HttpEnv['Bindings'] }, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) env.outgoing.setHeader(name, value)
}
