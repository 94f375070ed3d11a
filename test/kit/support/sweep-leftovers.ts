import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive, stopOrphan } from '../../../src/kit/postgres/postmaster-pid.ts'

export const homePrefix = 'slipway-test-'

/** Stops servers and removes folders of earlier runs that were killed; a run that still lives keeps its own. */
export async function sweepLeftovers(parent = tmpdir()): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = new RegExp(`^${homePrefix}(\\d+)-`).exec(name)?.[1]
    if (owner === undefined || isAlive(Number(owner))) continue
    const home = join(parent, name)
    await sweepLeftovers(home)
    await stopOrphan(join(home, 'data'))
    await rm(home, { recursive: true, force: true })
  }
}
