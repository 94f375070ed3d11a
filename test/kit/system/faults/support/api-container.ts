import { compose, docker, eventually } from '../../../support/stack.ts'

/** Every container of the API, in the order in which Compose numbers them. */
export async function apiContainers(): Promise<string[]> {
  return (await compose('ps', '--all', '--quiet', 'api')).split('\n').filter(Boolean)
}

/** How often the engine has started a container of the API anew, by itself. */
export async function restartsOfApi(): Promise<number> {
  const counts = await docker('inspect', '--format', '{{.RestartCount}}', ...(await apiContainers()))
  return counts.split('\n').reduce((sum, count) => sum + Number(count), 0)
}

/** An engine waits twice as long before each next start of a container that ran for less. */
const settledMs = 10_000

/** Waits until the engine would start the API anew at once, and says how often it has done so by itself. */
export async function restartsOfSettledApi(): Promise<number> {
  await eventually('the API has run for 10 s', async () => {
    const begun = await docker('inspect', '--format', '{{.State.StartedAt}}', ...(await apiContainers()))
    return (
      begun
        .trim()
        .split('\n')
        .every((at) => Date.now() - Date.parse(at) > settledMs) || undefined
    )
  })
  return restartsOfApi()
}

/** Waits for a restart by the engine's policy; of Date.now(). */
export async function restartedAfter(count: number): Promise<number> {
  await eventually('the engine starts the API anew', async () => (await restartsOfApi()) > count || undefined)
  return Date.now()
}

/** What the engine itself saw happen to the API's container: `oom`, `die` with its exit code. */
export async function eventsOfApi(sinceMs: number): Promise<string[]> {
  const [container = ''] = await apiContainers()
  const span = ['--since', new Date(sinceMs).toISOString(), '--until', new Date().toISOString()]
  const format = '{{.Action}} {{.Actor.Attributes.exitCode}}'
  const filters = ['--filter', `container=${container}`, '--filter', 'event=oom', '--filter', 'event=die']
  const events = await docker('events', ...span, ...filters, '--format', format)
  return events.replaceAll(' <no value>', '').trim().split('\n')
}
