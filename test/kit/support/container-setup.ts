import type { TestProject } from 'vitest/node'
import { setup as openPostgres } from './postgres-setup.ts'

/** As test/kit/support/postgres-setup.ts, on a container and on nothing else: the other tests run on the embedded server. */
export function setup(project: TestProject): Promise<() => Promise<void>> {
  process.env['TEST_POSTGRES'] = 'container'
  return openPostgres(project)
}
