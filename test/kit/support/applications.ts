import { fileURLToPath } from 'node:url'

/** `mounted` is the application of src/app; `fixture` is the small one of test/kit/fixture. */
export type ApplicationName = 'mounted' | 'fixture'

function pathOf(path: string) {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url))
}

export const migrationsOf: Record<ApplicationName, string> = {
  mounted: pathOf('migrations'),
  fixture: pathOf('test/kit/fixture/migrations'),
}

/** Options of Node that mount the application in a process which runs from the sources. */
export const nodeOptionsOf: Record<ApplicationName, string[]> = {
  mounted: [],
  fixture: ['--conditions=fixture'],
}

/** The application that #app stands for in this process: the fixture under `node --conditions=fixture`. */
export function applicationOfProcess(): ApplicationName {
  return process.execArgv.includes('--conditions=fixture') ? 'fixture' : 'mounted'
}
