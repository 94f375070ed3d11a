import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fillRequest } from '../../../src/kit/proof.ts'
import type { TestApp } from '../support/test-app.ts'
import { documentedOperations, type OpenapiDocument, type Operation } from './documented-operations.ts'
import { requestsOf, routeOf, sendAll, type ProofSubject } from './proof-subject.ts'

/** Of each kind, beside the thousands of `fuzz-document-tests.ts`; these reach what no document describes. */
const defaultRuns = 150

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    ...['', '\0', '\ud83c', '🍁'.repeat(100), 'a'.repeat(201), '2027-02-30', '9'.repeat(40), '%00', '‮'],
  ),
)
function parse(json: string): unknown {
  return JSON.parse(json)
}
const value = fc.oneof(
  text,
  fc.double(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.json().map(parse),
)

const fieldsOfAuth = ['email', 'password', 'name', 'image', 'callbackURL', 'rememberMe']
const oddFields = ['__proto__', 'constructor', 'userId', 'id', 'version']
const writesOfAuth = ['sign-in/email', 'sign-up/email', 'update-user', 'change-password'].map(
  (path): [string, string] => ['POST', `/api/auth/${path}`],
)

/** Without control characters, which the client in this test refuses to send. */
const header = fc.string({
  unit: fc
    .oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa1, max: 0xff }))
    .map((code) => String.fromCharCode(code)),
})

/** Tests that nothing a client can send is a fault of the API; `numRuns` cases of each kind. */
export function fuzzTests({ open, proof }: ProofSubject, numRuns = defaultRuns): void {
  let app: TestApp
  let cookie: string
  let document: OpenapiDocument
  let values: Record<string, string>

  beforeAll(async () => {
    app = await open()
    cookie = (await app.signUp()).cookie
    document = (await (await fetch(`${app.url}/api/openapi.json`)).json()) as OpenapiDocument
    values = (await sendAll(app.url, proof, cookie, randomBytes(8).toString('hex'))).values
  })

  afterAll(() => app.close())

  const send = async (method: string, path: string, init: RequestInit = {}) => {
    const headers = {
      cookie,
      origin: 'http://localhost:3000',
      'content-type': 'application/json',
      ...(init.headers as Record<string, string> | undefined),
    }
    const response = await fetch(app.url + path, { ...init, method, headers, redirect: 'manual' })
    await response.arrayBuffer()
    return response.status
  }
  const faults = () => app.logLines().filter((line) => line['level'] === 'error')
  const filled = (path: string) => fillRequest({ method: 'GET', path }, values).path
  /** Of an operation in the document, with saved ids in the place of its parameters. */
  const addressOf = (operation: Operation) => {
    const known = requestsOf(proof).find((request) => routeOf(request) === routeOf(operation))
    return filled(known?.path ?? operation.path).replace(/\?.*/, '')
  }
  /** Addresses of the requests as proof.ts has them, without the query. */
  const pathsOf = (methods: string[]): [method: string, path: string][] =>
    requestsOf(proof)
      .filter(({ method }) => methods.includes(method))
      .map(({ method, path }) => [method, path.replace(/\?.*/, '')])
  const writes = () => {
    const own = pathsOf(['POST', 'PUT', 'PATCH']).map(([method, path]): [string, string] => [
      method,
      filled(path),
    ])
    return fc.constantFrom(...own, ...writesOfAuth)
  }
  const bodies = () => {
    const schemas = Object.values(document.components.schemas)
    const named = schemas.flatMap(({ properties = {} }) => Object.keys(properties))
    const field = fc.constantFrom(...new Set([...named, ...fieldsOfAuth, ...oddFields]))
    return fc.oneof(
      fc.dictionary(field, value, { maxKeys: 8 }).map((object) => JSON.stringify(object)),
      fc.json(),
      text,
    )
  }

  describe('the API under hostile requests', { timeout: 600_000 }, () => {
    test('has a request to vary for each operation of a user', () => {
      const known = requestsOf(proof).map(routeOf)
      const guarded = documentedOperations(document).filter(({ responses }) => '401' in responses)

      expect(guarded.filter((operation) => !known.includes(routeOf(operation)))).toEqual([])
    })

    test('no body is a fault of ours', async () => {
      await fc.assert(
        fc.asyncProperty(writes(), bodies(), async ([method, path], sent) => {
          const status = await send(method, path, { body: sent, headers: { 'if-match': '"1"' } })
          expect(status).toBeLessThan(500)
        }),
        { numRuns },
      )
      expect(faults()).toEqual([])
    })

    test('no address and no parameter is one', async () => {
      const part = text.map((each) => encodeURIComponent(each.toWellFormed()))
      const raw = fc.stringMatching(/^[a-zA-Z0-9%._~:@!$&'()*+,;=-]{0,60}$/)
      const piece = fc.oneof(part, raw)
      const addresses = [...new Set(pathsOf(['GET', 'POST', 'DELETE']).map(([, path]) => path))]
      const byId = addresses.filter((path) => path.includes('{'))
      const queries = documentedOperations(document).flatMap((operation) =>
        operation.parameters
          .filter((each) => each.in === 'query')
          .map(({ name }) => ({ path: addressOf(operation), name })),
      )
      const path = fc.oneof(
        fc.tuple(fc.constantFrom(...byId), piece).map(([each, id]) => each.replaceAll(/\{\w+\}/g, id)),
        piece.map((rest) => `/api/auth/${rest}`),
        piece.map((rest) => `/${rest}`),
        fc
          .tuple(fc.constantFrom(...queries, { path: proof.row.path, name: 'x' }), piece)
          .map(([{ path, name }, each]) => `${path}?${name}=${each}`),
        piece.map((token) => `/api/auth/verify-email?token=${token}`),
        piece.map((token) => `/api/auth/reset-password/${token}?callbackURL=${token}`),
      )
      const method = fc.constantFrom('GET', 'HEAD', 'DELETE', 'PATCH', 'POST', 'OPTIONS')

      await fc.assert(
        fc.asyncProperty(method, path, async (verb, address) => {
          expect(await send(verb, address)).toBeLessThan(500)
        }),
        { numRuns },
      )
      expect(faults()).toEqual([])
    })

    test('no header is one', async () => {
      const name = fc.constantFrom(
        ...['cookie', 'content-type', 'if-match', 'if-none-match', 'idempotency-key', 'x-request-id'],
        ...['origin', 'x-forwarded-for', 'user-agent', 'accept', 'authorization', 'referer'],
        'accept-language',
      )
      const forged = fc.oneof(
        header,
        header.map((each) => `better-auth.session_token=${each}.${each}`),
        header.map((each) => `"${each}"`),
      )
      const reads = fc.constantFrom(...pathsOf(['GET']).map(([, path]) => filled(path)))
      const row = JSON.stringify(proof.row.body('a', 'b'))

      await fc.assert(
        fc.asyncProperty(name, forged, writes(), reads, async (which, sent, [method, path], read) => {
          expect(await send(method, path, { body: row, headers: { [which]: sent } })).toBeLessThan(500)
          expect(await send('GET', read, { headers: { [which]: sent } })).toBeLessThan(500)
        }),
        { numRuns },
      )
      expect(faults()).toEqual([])
    })
  })
}
