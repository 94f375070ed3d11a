// The only file of the kit that imports src/app, as #app in package.json. Each part is loaded where a process needs it: `migrate` should not start slower
// for the routes of the application.
import { usedTables, type UsedTable } from '../../db/app-privileges.ts'

/** Loads the application of src/app. */
export async function loadApplication() {
  return (await import('#app')).application
}

/** Every table of the kit and of the application, with the privileges that the role of the API needs on it. */
export async function loadUsedTables(): Promise<UsedTable[]> {
  const { narrowedTables, ...tables } = await import('#app/schema')
  return usedTables({ ...(await import('../../db/schema/index.ts')), ...tables }, narrowedTables)
}

/** Loads the application's part of the kit's proofs. */
export async function loadProof() {
  return (await import('#app/proof')).proof
}
