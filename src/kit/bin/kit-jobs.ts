import { sweepExpired } from '../auth/sweep-expired.ts'
import { sweepIdempotencyKeys } from '../db/sweep-idempotency-keys.ts'
import type { Job } from '../jobs/job.ts'

/** Jobs that every application needs: each deletes what has expired, once an hour. */
export const kitJobs: readonly Job[] = [
  {
    name: 'sweep_idempotency_keys',
    schedule: '17 * * * *',
    run: async ({ db }) => ({ rows: await sweepIdempotencyKeys(db) }),
  },
  {
    name: 'sweep_expired_auth',
    schedule: '47 * * * *',
    run: async ({ db }) => ({ rows: await sweepExpired(db) }),
  },
]
