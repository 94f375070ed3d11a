import { text } from 'node:stream/consumers'
import { runProgram, type Programs } from '../../postgres/run-program.ts'
import type { DrillPlace } from './drill-place.ts'
import type { ContinuousRequest } from './drill-protocol.ts'
import type { Parameters } from '../../postgres/start-server.ts'

/** A server that is read while it replays must have room for as much as the one that wrote. */
const rooms = {
  max_connections: 'max_connections',
  max_worker_processes: 'max_worker_processes',
  max_wal_senders: 'max_wal_senders',
  max_prepared_transactions: 'max_prepared_xacts',
  max_locks_per_transaction: 'max_locks_per_xact',
}

/** Out of the text of pg_controldata. */
export const parseRooms = (controlData: string): Parameters =>
  Object.fromEntries(
    Object.entries(rooms).flatMap(([parameter, label]) => {
      const value = new RegExp(`^${label} setting: +(\\d+)$`, 'm').exec(controlData)?.[1]
      return value === undefined ? [] : [[parameter, value]]
    }),
  )

export interface RestoredCluster {
  rooms: Parameters
  hasChecksums: boolean
}

export const readCluster = async (place: DrillPlace, programs: Programs): Promise<RestoredCluster> => {
  const controlData = await runProgram({ programs, name: 'pg_controldata', args: ['-D', place.data] }, text)
  return {
    rooms: parseRooms(controlData),
    hasChecksums: /^Data page checksum version: +[1-9]/m.test(controlData),
  }
}

const replaying: Parameters = { wal_level: 'replica', max_wal_senders: '10', recovery_target_name: '' }

/** The server reads this setting before it knows the names of time zones, Z among them. */
const settingOf = (moment: string): string => moment.replace('T', ' ').replace('Z', '+00')

/** Stops before the first commit that is not before the moment, and lets itself be asked. */
export const untilMoment = ({ moment }: ContinuousRequest, roomsOf: Parameters): Parameters => ({
  ...replaying,
  ...roomsOf,
  hot_standby: 'on',
  recovery_target_time: settingOf(moment),
  recovery_target_inclusive: 'off',
  recovery_target_action: 'pause',
})

/** To the last record that is there, then ready for writes; not to be reached before. */
export const untilEnd = (roomsOf: Parameters): Parameters => ({
  ...replaying,
  ...roomsOf,
  hot_standby: 'off',
  recovery_target_time: '',
  recovery_target_action: 'promote',
})
