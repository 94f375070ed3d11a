import { apiFaults } from './api-faults.ts'
import { diskFaults } from './disk-faults.ts'
import type { Fault } from './fault.ts'
import { networkFaults } from './network-faults.ts'
import { serverFaults } from './server-faults.ts'
import { transactionFaults } from './transaction-faults.ts'

/** What may happen to a database and to the process before it. */
export const allFaults: readonly Fault[] = [
  ...serverFaults,
  ...networkFaults,
  ...transactionFaults,
  ...apiFaults,
  ...diskFaults,
]
