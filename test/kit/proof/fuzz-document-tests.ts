import { randomBytes, randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fillRequest, type Proof } from '../../../src/kit/proof.ts'
import { signUp } from '../drill/sign-up.ts'
import type { ApplicationName } from '../support/applications.ts'
import { serverEnv, spawnServer, type SpawnedServer } from '../support/spawn-server.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { canariesIn, sessionCanaries, type Canaries } from './canaries.ts'
import { documentedAnswers, type Answer } from './documented-answers.ts'
import { documentedOperations, type OpenapiDocument, type Operation } from './documented-operations.ts'
import { documentedRequests, type FuzzRequest } from './documented-requests.ts'
import { requestsOf, routeOf } from './proof-subject.ts'

/** Repeat a failure with the FUZZ_SEED that its run printed. */
const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))

function canary(name: string) {
  return `canary-${name}-${randomBytes(12).toString('hex')}`
}

/** In the headers and bodies of requests, under names that say what they are. */
const sent: Canaries = { password: canary('body'), token: canary('token'), apiKey: canary('key') }
/** What a user keeps with us, in the place of {run}: it comes back to that user, and stands nowhere else. */
const words = canary('words')
const authSecret = canary('auth-secret')
const userPassword = canary('user-password')

/** Rows of each kind; half of them are never deleted, so that there is something to read until the end. */
const keptRows = 40

interface FuzzSubject {
  application: ApplicationName
  proof: Proof
  /** Cases in all. */
  numRuns: number
}

/** Tests of the bundled API under requests that its OpenAPI document describes, and under others. */
export function fuzzDocumentTests({ application, proof, numRuns }: FuzzSubject): void {
  let database: TestDatabase
  let server: SpawnedServer
  let cookie: string
  let document: OpenapiDocument
  let secrets: Canaries
  let kept: Record<string, string[]>

  beforeAll(async () => {
    database = await createTestDatabase({ application })
    const url = database.urlFor('app')
    const env = { ...serverEnv(url), AUTH_SECRET: authSecret, LOG_LEVEL: 'debug' }
    server = await spawnServer(env, { application })
    cookie = await signUp(server.url, userPassword)
    const { text } = await ask({ method: 'GET', path: '/api/openapi.json', headers: {} })
    document = JSON.parse(text) as OpenapiDocument
    // Its odd letters have another form in a URL and in JSON; the random ones at its end have one.
    const databasePassword = decodeURIComponent(new URL(url).password).split('"').at(-1) ?? ''
    secrets = { databasePassword, authSecret, userPassword, ...sessionCanaries(cookie), ...sent }
    kept = await keep()
  })

  afterAll(async () => {
    await server.close()
    await database.close()
  })

  const ask = async ({ method, path, headers, body }: FuzzRequest): Promise<Answer & { head: string }> => {
    const init = { method, headers, redirect: 'manual' as const, ...(body !== undefined && { body }) }
    const response = await fetch(server.url + path, init)
    const head = [...response.headers].filter(([name]) => name !== 'set-cookie').join('\n')
    return {
      status: response.status,
      contentType: response.headers.get('content-type'),
      text: await response.text(),
      head,
    }
  }

  /** Ids by the name under which proof.ts saves them. */
  const keep = async (): Promise<Record<string, string[]>> => {
    const ids: Record<string, string[]> = {}
    for (let row = 0; row < keptRows; row += 1) {
      const values: Record<string, string> = { run: `${words}-${row}` }
      for (const request of requestsOf(proof)) {
        if (request.save === undefined) continue
        const { method, path, body, headers = {} } = fillRequest(request, values)
        const { text } = await ask({
          ...{ method, path, body: JSON.stringify(body) },
          headers: { ...headers, cookie, 'content-type': 'application/json' },
        })
        const { id } = JSON.parse(text) as { id: string }
        values[request.save] = id
        ids[request.save] = [...(ids[request.save] ?? []), id]
      }
    }
    return ids
  }

  const idsOf = (operation: Operation): string[][] => {
    const known = requestsOf(proof).find((request) => routeOf(request) === routeOf(operation))
    const half = keptRows / 2
    return [...(known?.path ?? '').matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
      const ids = kept[name] ?? []
      return operation.method === 'DELETE' ? ids.slice(half) : ids.slice(0, half)
    })
  }

  const cookies = () =>
    fc.oneof(
      { arbitrary: fc.constant(cookie), weight: 8 },
      { arbitrary: fc.constantFrom('', 'a=b', `${cookie}x`, `x=${sent['token'] ?? ''}`), weight: 1 },
    )

  /** Every answer so far, by operation. */
  const seen = new Map<string, Map<number, number>>()

  const count = ({ method, path }: Operation, status: number): void => {
    const name = `${method} ${path}`
    const statuses = seen.get(name) ?? new Map<number, number>()
    seen.set(name, statuses.set(status, (statuses.get(status) ?? 0) + 1))
  }

  describe('the API under requests from its document', () => {
    test(
      'no answer is outside the document, a fault of ours, or tells a secret',
      { timeout: 1_800_000 },
      async () => {
        process.stdout.write(`fuzz: ${numRuns} cases, FUZZ_SEED=${seed}\n`)
        const outside = documentedAnswers(document)
        const { schemas } = document.components
        const ids = Object.values(kept).flatMap((each) => each.slice(0, keptRows / 2))
        const ground = { schemas, idsOf, ids, cookies: cookies(), secrets: sent }
        const cases = documentedOperations(document).map((operation) =>
          documentedRequests(operation, ground).map((request) => ({ operation, request })),
        )

        await fc.assert(
          fc.asyncProperty(fc.oneof(...cases), async ({ operation, request }) => {
            const answer = await ask(request)
            count(operation, answer.status)
            expect(answer.status).toBeLessThan(500)
            expect(outside(operation, answer)).toBeUndefined()
            expect(canariesIn(answer.head + answer.text, secrets)).toEqual([])
          }),
          { numRuns, seed },
        )

        for (const [name, statuses] of seen) {
          process.stdout.write(
            `${name.padEnd(40)} ${[...statuses].map((each) => each.join(': ')).join(', ')}\n`,
          )
        }
      },
    )

    test('it got past the door of every operation', () => {
      const operations = documentedOperations(document).map(({ method, path }) => `${method} ${path}`)

      const passed = operations.filter((name) =>
        [...(seen.get(name)?.keys() ?? [])].some((status) => status < 300),
      )

      expect(passed).toEqual(operations)
    })

    test('what Better Auth is told in confidence is not told on', async () => {
      const paths = [
        'sign-in/email',
        'sign-up/email',
        'change-password',
        'update-user',
        'reset-password',
        'nowhere',
      ]
      const { password = '', token = '' } = sent
      const bodies = [
        { email: 'drill@example.com', password },
        { email: 'x', password: userPassword, name: token },
        { newPassword: password, currentPassword: token, token },
        { password: { [password]: token }, email: [token] },
      ]

      for (const path of paths) {
        for (const body of bodies) {
          const headers = { cookie, origin: 'http://localhost:3000', 'content-type': 'application/json' }
          const address = `/api/auth/${path}?token=${token}`
          const answer = await ask({ method: 'POST', path: address, headers, body: JSON.stringify(body) })
          expect(answer.status).toBeLessThan(500)
          expect(canariesIn(answer.head + answer.text, secrets)).toEqual([])
        }
      }
    })

    test('no line of the process and no metric holds a secret', async () => {
      const metrics = await (await fetch(server.metricsUrl)).text()
      const log = server.stdout() + server.stderr()

      expect(metrics).toContain(`${proof.row.path}/:id`)
      // Heads beyond all bounds get their answer from the parser and have no line.
      expect(log.split('\n').length).toBeGreaterThan(numRuns / 2)
      expect(canariesIn(log, { ...secrets, words })).toEqual([])
      expect(canariesIn(metrics, { ...secrets, words })).toEqual([])
      expect(server.lines().filter((line) => line['level'] === 'error')).toEqual([])
    })
  })
}
