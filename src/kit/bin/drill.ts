import { chmod, readFile, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createDrillServer } from '../backup/drill/drill-server.ts'
import { drillSocket, sweepDrill } from '../backup/drill/drill-place.ts'
import { probeDrill } from '../backup/drill/probe-drill.ts'
import { runDrillRequest, type DrillHouse } from '../backup/drill/run-drill-request.ts'
import { loadConfig, type Config } from '../config/load.ts'
import { AppError, exitCodes } from '../errors.ts'
import { createLogger } from '../telemetry/logger.ts'
import { defineVerb } from './process/define-verb.ts'
import { endOnSignal } from './process/end-on-signal.ts'
import { runCommand } from './process/run-command.ts'
import { openTerminal } from './process/terminal.ts'
import { usualLimits } from './migrate/run-limits.ts'

/**
 * The process of the drill service: takes in one drill on its socket, then ends, and the engine starts the next one. So
 * nothing that the SQL of a dump has left behind, a process of its own for instance, lives on into another drill.
 *   node drill.ts
 */
function besideThis(name: string): string {
  return fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? `${name}.ts` : `${name}.js`, import.meta.url),
  )
}

async function houseOf(config: Config<'drill'>): Promise<DrillHouse> {
  return {
    handoffFolder: config.BACKUP_DRILL_FOLDER,
    programs: { folder: config.BACKUP_PG_BIN ?? '', searchPath: process.env['PATH'] ?? '' },
    api: { file: besideThis('server'), folder: process.cwd() },
    rolesSql: await readFile(config.BACKUP_DRILL_ROLES_FILE, 'utf8'),
    migration: usualLimits(),
  }
}

async function refuseSecond(socket: string): Promise<void> {
  if ((await probeDrill(socket)) === 'away') return
  throw new AppError('conflict', 'another drill process serves this folder', {
    hint: 'one is enough: docker compose up --scale drill=1',
  })
}

async function serve(config: Config<'drill'>): Promise<void> {
  const logger = createLogger({ level: config.LOG_LEVEL, service: 'drill' })
  const house = await houseOf(config)
  const socket = drillSocket(house.handoffFolder)
  await refuseSecond(socket)
  await sweepDrill(house.handoffFolder)
  let isDrilling = false
  const { server, drilled } = createDrillServer((received) => {
    isDrilling = true
    const announce: typeof received.announce = (step) => {
      logger.info({ kind: received.request.kind, step }, 'drill goes on')
      received.announce(step)
    }
    return runDrillRequest(house, { ...received, announce })
  })
  await rm(socket, { force: true })
  server.listen(socket)
  await once(server, 'listening')
  await chmod(socket, 0o660)
  endOnSignal(logger, async () => {
    server.closeAllConnections()
    if (isDrilling) await drilled
    server.close()
  })
  logger.info({ socket }, 'waiting for a drill')
  const { fault, steps } = await drilled
  if (fault === null) logger.info({ steps }, 'drill succeeded')
  else
    logger.error(
      { fault: fault.fault, reason: fault.sentence, differences: fault.differences },
      'drill failed',
    )
  server.close()
  logger.flush(() => process.exit(0))
}

const exitCode = await runCommand({
  name: 'drill',
  verb: defineVerb({
    usage: ['   serve one drill on the socket in BACKUP_DRILL_FOLDER'],
    options: {},
    run: () => serve(loadConfig('drill', process.env)),
  }),
  open: openTerminal,
})
if (exitCode !== exitCodes.ok) process.exit(exitCode)
