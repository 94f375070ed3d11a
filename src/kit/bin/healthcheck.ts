/**
 * Asks a server of this machine whether it lives, and says what it answered when it does not.
 *   node healthcheck.ts [port] [path]      defaults: $HTTP_PORT or 3000, /livez
 */
const port = process.argv[2] ?? (process.env['HTTP_PORT'] || '3000')
const path = process.argv[3] ?? '/livez'
const url = `http://127.0.0.1:${port}${path}`
const deadlineMs = 2_000

async function problemOf(): Promise<string | undefined> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(deadlineMs), redirect: 'manual' })
  if (answer.status === 200) return undefined
  const { detail, hint } = (await answer.json().catch(() => ({}))) as { detail?: string; hint?: string }
  return [`${url} answered ${answer.status}`, detail, hint].filter(Boolean).join(': ')
}

function reasonOf(err: unknown): string {
  if (!(err instanceof Error)) return String(err)
  return err.cause instanceof Error ? err.cause.message : err.message
}

const problem = await problemOf().catch((err: unknown) => `${url} gave no answer: ${reasonOf(err)}`)
if (problem !== undefined) process.stderr.write(`${problem}\n`)
process.exitCode = problem === undefined ? 0 : 1
