import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { CommandError } from '../../errors.ts'
import type { RunLimits } from '../../migrate/run-settings.ts'
import type { Programs } from '../../postgres/run-program.ts'
import { openDrillPlace, sweepDrill, type DrillPlace } from './drill-place.ts'
import { drillContinuous } from './drill-continuous.ts'
import { drillPortable } from './drill-portable.ts'
import { failed, succeeded } from './drill-outcome.ts'
import type { DrillContext } from './drill-context.ts'
import type { DrillOutcome, DrillRequest, Findings, StepName } from './drill-protocol.ts'
import { takeSteps } from './take-steps.ts'
import type { ApiProgram } from './try-api.ts'
import { refuseSmallVolume, watchSpace } from './watch-space.ts'

export interface DrillHouse {
  /** Volume shared with the backup service. */
  handoffFolder: string
  programs: Programs
  api: ApiProgram
  rolesSql: string
  /** Limits of the migrations after the restore. */
  migration: RunLimits
}

export interface ReceivedDrill {
  request: DrillRequest
  /** The dump, or empty. Its end means that the input is complete. */
  body: Readable
  announce: (name: StepName) => void
  /** Aborted when the client disconnects. */
  signal: AbortSignal
}

function tooLong(timeoutMs: number): CommandError {
  return new CommandError('failed', `the drill did not end within ${Math.round(timeoutMs / 1_000)} s`, {
    hint: 'raise BACKUP_DRILL_TIMEOUT_MS when the database has grown',
  })
}

/** Returns one signal for timeout, low disk space and a lost client. `stop` ends the timers. */
function boundsOf(house: DrillHouse, received: ReceivedDrill): { signal: AbortSignal; stop: () => void } {
  const bounds = new AbortController()
  const stopWatching = watchSpace(house.handoffFolder, (reason) => bounds.abort(reason))
  const { timeoutMs } = received.request
  const timer = setTimeout(() => bounds.abort(tooLong(timeoutMs)), timeoutMs)
  return {
    signal: AbortSignal.any([bounds.signal, received.signal]),
    stop: () => {
      clearTimeout(timer)
      stopWatching()
    },
  }
}

async function drillKind(context: DrillContext, { request, body }: ReceivedDrill): Promise<Findings> {
  if (request.kind === 'portable') {
    await refuseSmallVolume(context.place.work, request.manifest.database.bytes)
    return drillPortable(context, request, body)
  }
  return drillContinuous(context, request, body)
}

async function drillIn(place: DrillPlace, house: DrillHouse, received: ReceivedDrill): Promise<DrillOutcome> {
  const bounds = boundsOf(house, received)
  const steps = takeSteps(received.announce, bounds.signal)
  const { programs, api, rolesSql, migration } = house
  try {
    const context = { place, programs, api, rolesSql, migration, steps, signal: bounds.signal }
    return succeeded(steps.taken, await drillKind(context, received))
  } catch (err) {
    return failed(steps.taken, bounds.signal.aborted ? bounds.signal.reason : err)
  } finally {
    bounds.stop()
  }
}

/** Runs one drill and returns its outcome. Always removes the server and the files of the drill. */
export async function runDrillRequest(house: DrillHouse, received: ReceivedDrill): Promise<DrillOutcome> {
  const place = await openDrillPlace(house.handoffFolder, house.programs)
  try {
    return await drillIn(place, house, received)
  } finally {
    await sweepDrill(house.handoffFolder)
    await rm(place.sockets, { recursive: true, force: true })
  }
}
