import { text } from 'node:stream/consumers'
import { runProgram, type Programs } from '../../postgres/run-program.ts'
import type { DrillPlace } from './drill-place.ts'
import type { ContinuousRequest } from './drill-protocol.ts'
import type { Parameters } from '../../postgres/start-server.ts'

/** A hot standby requires limits at least as high as those of the primary. */
const rooms = {
  max_connections: 'max_connections',
  max_worker_processes: 'max_worker_processes',
  max_wal_senders: 'max_wal_senders',
  max_prepared_transactions: 'max_prepared_xacts',
  max_locks_per_transaction: 'max_locks_per_xact',
}

/** Parses these limits from the output of pg_controldata. */
export function parseRooms(controlData: string): Parameters {
  return Object.fromEntries(
    Object.entries(rooms).flatMap(([parameter, label]) => {
      const value = new RegExp(`^${label} setting: +(\\d+)$`, 'm').exec(controlData)?.[1]
      return value === undefined ? [] : [[parameter, value]]
    }),
  )
}

export interface RestoredCluster {
  rooms: Parameters
  hasChecksums: boolean
}

export async function readCluster(place: DrillPlace, programs: Programs): Promise<RestoredCluster> {
  const controlData = await runProgram({ programs, name: 'pg_controldata', args: ['-D', place.data] }, text)
  return {
    rooms: parseRooms(controlData),
    hasChecksums: /^Data page checksum version: +[1-9]/m.test(controlData),
  }
}

const replaying: Parameters = { wal_level: 'replica', max_wal_senders: '10', recovery_target_name: '' }

/** The server parses this setting before it loads the names of time zones, including `Z`. */
function settingOf(moment: string): string {
  return moment.replace('T', ' ').replace('Z', '+00')
}

/**
 * Returns the parameters for a recovery that pauses before the first commit at or after the moment,
 * readable for queries.
 */
export function untilMoment({ moment }: ContinuousRequest, roomsOf: Parameters): Parameters {
  return {
    ...replaying,
    ...roomsOf,
    hot_standby: 'on',
    recovery_target_time: settingOf(moment),
    recovery_target_inclusive: 'off',
    recovery_target_action: 'pause',
  }
}

/**
 * Returns the parameters for a recovery to the end of the archive and a promotion. No connection is
 * possible before.
 */
export function untilEnd(roomsOf: Parameters): Parameters {
  return {
    ...replaying,
    ...roomsOf,
    hot_standby: 'off',
    recovery_target_time: '',
    recovery_target_action: 'promote',
  }
}
