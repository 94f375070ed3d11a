import { z } from '@hono/zod-openapi'
import { errorKinds, type ErrorKind } from '../../errors.ts'
import { answers, problemType } from './problem.ts'

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(errorKinds),
    request_id: z.string(),
    hint: z.string().optional(),
    /** Machine-readable state that the status code does not name, for example why the server is not ready. */
    reason: z.string().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457); branch on `code`.' })

interface ProblemResponse {
  description: string
  content: { [problemType]: { schema: typeof problemSchema } }
}

type ProblemResponses<Kind extends ErrorKind> = Record<(typeof answers)[Kind]['status'], ProblemResponse>

/** Returns the entries of a route's `responses` for these error kinds. */
export function problemResponses<Kind extends ErrorKind>(...kinds: Kind[]): ProblemResponses<Kind> {
  const content = { [problemType]: { schema: problemSchema } }
  const entries = kinds.map((kind) => [answers[kind].status, { description: answers[kind].title, content }])
  return Object.fromEntries(entries) as ProblemResponses<Kind>
}
