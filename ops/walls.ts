/**
 * Holds the imports of src, test, bench and ops against the table of rooms (ops/house/rooms.ts); exits 1 on a fault.
 *   npm run walls
 */
import { findWallFaults } from './house/find-wall-faults.ts'
import { rooms } from './house/rooms.ts'

const faults = await findWallFaults('.', rooms)
for (const { message, hint } of faults) process.stderr.write(`error: ${message}\nhint: ${hint}\n`)
process.exitCode = faults.length > 0 ? 1 : 0
