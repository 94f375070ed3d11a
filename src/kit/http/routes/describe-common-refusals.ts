import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ErrorKind } from '../../errors.ts'
import type { HttpEnv } from '../context.ts'
import { answers, problemType } from '../rest/problem.ts'

type OpenapiDocument = ReturnType<OpenAPIHono<HttpEnv>['getOpenAPI31Document']>
type PathItem = NonNullable<OpenapiDocument['paths']>[string]

/** Sent before routing: by `refuseHostileHead`, by `answerBrokenRequest` and at the deadline of a request. */
const ofEveryRequest: ErrorKind[] = ['invalid_request', 'timeout', 'payload_too_large', 'headers_too_large']
/** Sent by `sameOrigin`. */
const ofEveryWrite: ErrorKind[] = ['forbidden']

const methods = ['get', 'put', 'post', 'patch', 'delete'] as const

/**
 * Adds the common refusals to each operation of the document. Declared route by route, they would be forgotten in the
 * next route, and every typed call would have to distinguish them.
 */
export function describeCommonRefusals(paths: OpenapiDocument['paths'] = {}): Record<string, PathItem> {
  return Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, described(item)]))
}

function described(item: PathItem): PathItem {
  const operations = methods.flatMap((method) => {
    const operation = item[method]
    if (operation === undefined) return []
    const kinds = method === 'get' ? ofEveryRequest : [...ofEveryRequest, ...ofEveryWrite]
    return [[method, { ...operation, responses: { ...refusals(kinds), ...operation.responses } }]]
  })
  return { ...item, ...(Object.fromEntries(operations) as PathItem) }
}

function refusals(kinds: ErrorKind[]) {
  const content = { [problemType]: { schema: { $ref: '#/components/schemas/Problem' } } }
  const entries = kinds.map((kind) => [answers[kind].status, { description: answers[kind].title, content }])
  return Object.fromEntries(entries) as Record<string, { description: string; content: typeof content }>
}
