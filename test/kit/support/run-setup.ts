import { openBundles } from './bundles.ts'
import { setup as useMemoryFolder } from './memory-folder.ts'

/** What the tests of one run share. */
export async function setup(): Promise<void> {
  await useMemoryFolder()
  await openBundles()
}
