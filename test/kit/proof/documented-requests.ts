import fc from 'fast-check'
import type { Operation } from './documented-operations.ts'
import {
  hostileText,
  hostileValue,
  schemaArbitrary,
  type JsonSchema,
  type Schemas,
} from './schema-arbitrary.ts'

export interface FuzzRequest {
  method: string
  path: string
  headers: Record<string, string>
  body?: string
}

interface Ground {
  schemas: Schemas
  /** Of rows that exist: a list for each parameter in the path of the operation, in their order. */
  idsOf: (operation: Operation) => string[][]
  ids: string[]
  /** Cookie headers, most of them of a session that holds. */
  cookies: fc.Arbitrary<string>
  /** Members that no body has, with values that must not come out again. */
  secrets: Record<string, string>
}

/** Requests for one operation: most of them as the document wants them, the others wrong in one place or in all. */
export function documentedRequests(operation: Operation, ground: Ground): fc.Arbitrary<FuzzRequest> {
  const { method, requestBody } = operation
  const schema = requestBody?.content['application/json']?.schema
  const body = schema === undefined ? fc.constant(undefined) : bodies(schema, ground)
  return fc
    .record({ path: addresses(operation, ground), headers: heads(operation, ground), body })
    .map(({ path, headers, body: sent }) => ({
      method,
      path,
      headers,
      ...(sent !== undefined && { body: sent }),
    }))
}

function mostly<T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>) {
  return fc.oneof({ arbitrary: usual, weight: 4 }, { arbitrary: other, weight: 1 })
}

const encoded = hostileText.map((text) => encodeURIComponent(text.toWellFormed()))

function addresses(operation: Operation, { schemas, idsOf }: Ground): fc.Arbitrary<string> {
  const { path, parameters } = operation
  const unknown = fc.oneof(fc.uuid(), encoded.filter(isSegment))
  const values = fc.tuple(...idsOf(operation).map((ids) => mostly(fc.constantFrom(...ids), unknown)))
  const wanted = parameters
    .filter((each) => each.in === 'query')
    .map(({ name, schema }) =>
      mostly(schemaArbitrary(schema, schemas, ['x']).map(String), hostileText).map(
        (value) => `${name}=${encodeURIComponent(value.toWellFormed())}`,
      ),
    )
  const odd = encoded.map((text) => `x${text}=${text}`)
  const query =
    wanted.length === 0 ? fc.constant<string[]>([]) : fc.array(fc.oneof(...wanted, odd), { maxLength: 2 })
  return fc.tuple(values, query).map(([ids, pairs]) => {
    const address = ids.reduce((filled, id) => filled.replace(/\{\w+\}/, () => id), path)
    return pairs.length === 0 ? address : `${address}?${pairs.join('&')}`
  })
}

/** What the client of these tests would make another address of. */
function isSegment(text: string) {
  return text !== '' && text !== '.' && text !== '..'
}

function bodies(schema: JsonSchema, { schemas, ids, secrets }: Ground): fc.Arbitrary<string> {
  const good = schemaArbitrary(schema, schemas, ids) as fc.Arbitrary<object>
  const [name = ''] = Object.keys(schemas[schema.$ref?.split('/').at(-1) ?? '']?.properties ?? {})
  const member = fc.constantFrom(name, '__proto__', 'id', 'userId', 'x\0')
  const wrong = fc
    .tuple(good, member, hostileValue)
    .map(([object, key, value]) => ({ ...object, [key]: value }))
  const leaky = fc.tuple(good, fc.constantFrom(...Object.keys(secrets))).map(([object, key]) => ({
    ...object,
    [key]: secrets[key],
    [name]: { secret: secrets[key] },
  }))
  const json = (value: unknown) => JSON.stringify(value)
  const cut = leaky.map((object) => json(object).slice(0, -1))
  return fc.oneof(
    { arbitrary: good.map(json), weight: 6 },
    { arbitrary: wrong.map(json), weight: 2 },
    { arbitrary: fc.oneof(leaky.map(json), cut, fc.json(), hostileText), weight: 2 },
  )
}

/** Without control characters, which the client of these tests refuses to send. */
const latin1 = fc.string({
  unit: fc
    .oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa1, max: 0xff }))
    .map((code) => String.fromCharCode(code)),
})

const known: Record<string, fc.Arbitrary<string>> = {
  'If-Match': fc.constantFrom('"1"', 'W/"1"', '"2"', '"99"'),
  'If-None-Match': fc.constantFrom('"1"', '*', '"2", "3"'),
  'Idempotency-Key': fc.constantFrom('a', 'b', 'c'),
}

function heads({ parameters, requestBody }: Operation, { cookies, secrets }: Ground) {
  const named = parameters
    .filter((each) => each.in === 'header')
    .map(({ name }) => [name, mostly(known[name] ?? latin1, latin1)] as const)
  const odd = fc.constantFrom(
    ...[
      'origin',
      'content-type',
      'accept',
      'accept-encoding',
      'x-request-id',
      'x-forwarded-for',
      'referer',
      'user-agent',
    ],
  )
  const hostile = fc.oneof(
    fc.tuple(odd, latin1).map(([name, value]) => ({ [name]: value })),
    fc.constant(Object.fromEntries(Array.from({ length: 101 }, (_each, index) => [`x-${index}`, 'a']))),
    fc.constant({ 'x-big': 'a'.repeat(17_000) }),
  )
  const authorization = Object.values(secrets).map((secret) => ({ authorization: `Bearer ${secret}` }))
  const type = requestBody === undefined ? {} : { 'content-type': 'application/json' }
  const extra = fc.oneof(
    { arbitrary: fc.constantFrom({}, ...authorization), weight: 9 },
    { arbitrary: hostile, weight: 1 },
  )
  return fc
    .record({ cookie: cookies, ...Object.fromEntries(named) }, { requiredKeys: ['cookie'] })
    .chain((wanted) => extra.map((more) => ({ ...type, ...(wanted as Record<string, string>), ...more })))
}
