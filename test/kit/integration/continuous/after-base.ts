import { until } from '../../support/until.ts'

/** The end of a base backup is known to the second, and only moments behind that second can be asked for. */
export async function afterBase(): Promise<void> {
  const next = (Math.floor(Date.now() / 1_000) + 1) * 1_000
  await until('the second in which the base backup ended is over', () => Date.now() >= next)
}
