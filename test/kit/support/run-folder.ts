import { rmSync } from 'node:fs'
import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { homePrefix, sweepLeftovers } from './sweep-leftovers.ts'

const variable = 'TEST_RUN_FOLDER'

/** Folder of what the processes of one run share; the first caller makes it, and it is removed with that process. */
export async function openRunFolder(): Promise<string> {
  const shared = process.env[variable]
  if (shared !== undefined) return shared
  await sweepLeftovers()
  const folder = await mkdtemp(join(tmpdir(), `${homePrefix}${process.pid}-`))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  // Servers run under another account.
  await chmod(folder, 0o711)
  process.env[variable] = folder
  return folder
}
