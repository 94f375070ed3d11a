import { compose, eventually } from '../../../support/stack.ts'

/** Leaves the stack as the next test file wants it. What stood still for a while counts as unhealthy until it is asked again. */
export async function startWhatIsDown(): Promise<void> {
  await eventually('the stack is healthy', () => compose('up', '--detach', '--wait', '--no-build'), 90_000)
}
