import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleOf } from '../../support/bundles.ts'
import { until } from '../../support/until.ts'

const checkout = fileURLToPath(new URL('../../../..', import.meta.url))

export interface DrillService {
  /** The one that runs now. */
  process: () => ChildProcess
  log: () => string
  /** What was logged so far is of no interest any more. */
  forget: () => void
  close: () => Promise<void>
}

/** The drill process as the engine keeps it: started again whenever it has ended. */
export async function openDrillService(handoffFolder: string, tools: string): Promise<DrillService> {
  let isClosing = false
  let child: ChildProcess
  let log = ''
  let ended = Promise.resolve()
  const start = (): void => {
    child = spawn(process.execPath, [bundleOf('drill')], {
      cwd: checkout,
      env: {
        PATH: process.env['PATH'],
        TMPDIR: process.env['TMPDIR'],
        BACKUP_DRILL_FOLDER: handoffFolder,
        BACKUP_PG_BIN: tools,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text: Buffer) => (log += String(text)))
    ended = new Promise((resolve) => {
      child.once('exit', () => {
        if (!isClosing) start()
        resolve()
      })
    })
  }
  start()
  await until('the drill service opens its door', () => existsSync(join(handoffFolder, 'drill.sock')), {
    explain: () => log,
  })
  return {
    process: () => child,
    log: () => log,
    forget: () => (log = ''),
    close: async () => {
      isClosing = true
      child.kill('SIGTERM')
      await ended
    },
  }
}
