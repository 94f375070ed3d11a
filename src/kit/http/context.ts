import type { HttpBindings } from '@hono/node-server'
import type { SignedIn } from '../auth/get-session.ts'
import type { AppError } from '../errors.ts'
import type { Slot } from './gate.ts'

/** State of one request; `observe` fills `requestId` before anything else runs. */
export interface HttpEnv {
  Bindings: HttpBindings
  Variables: {
    requestId: string
    user?: SignedIn['user']
    /** The error sent to the client, kept for the log line. */
    failure?: AppError
    /** Held while the request runs; absent on paths without a limit. */
    slot?: Slot
  }
}

/** Variables of a request that passed `requireUser`. */
export interface UserEnv extends HttpEnv {
  Variables: HttpEnv['Variables'] & { user: SignedIn['user'] }
}
