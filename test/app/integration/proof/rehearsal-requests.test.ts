import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRequestProbe } from '../../../../src/kit/bin/open-request-probe.ts'
import { proof } from '../../../../src/app/travel/proof.ts'
import type { Answer } from '../../../../src/kit/migrate/rehearse/request-probe.ts'
import { openApp, type App } from '../../support/open-app.ts'

let app: App
let answers: Answer[]

beforeAll(async () => {
  app = await openApp()
  answers = await openRequestProbe(app.database.urlFor('app'), proof.requests).run()
})

afterAll(() => app.close())

interface Document {
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>
}

/** What a user who is signed in may do, as `GET /api/itineraries/{id}`. */
const operationsOfUsers = async (): Promise<string[]> => {
  const { paths } = (await (await fetch(`${app.url}/api/openapi.json`)).json()) as Document
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { responses }]) => '401' in responses)
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  )
}

/** Without the query, and without the names of parameters, which may differ. */
const shapeOf = (request: string): string => request.replace(/\?.*/, '').replaceAll(/\{\w+\}/g, '{}')

/** Requests have their parameters in braces: a literal segment such as `/mine` is never taken for `{id}`. */
const without = (operations: readonly string[], requests: readonly string[]): string[] => {
  const shapes = new Set(requests.map(shapeOf))
  return operations.filter((operation) => !shapes.has(shapeOf(operation)))
}

describe('the requests of the rehearsal', () => {
  test('succeed once at least for every operation of a user: put the missing ones into src/app/travel/proof.ts', async () => {
    const successes = answers.filter(({ status }) => status < 300).map(({ request }) => request)

    expect(without(await operationsOfUsers(), successes)).toEqual([])
  })

  test('are of operations that the API has, but for those of Better Auth', async () => {
    const own = proof.requests
      .map(({ method, path }) => `${method} ${path}`)
      .filter((request) => !request.includes(' /api/auth/'))

    expect(without(own, await operationsOfUsers())).toEqual([])
  })

  test('are told apart by method, path and parameters, and by nothing else', () => {
    const operations = ['GET /api/itineraries', 'GET /api/itineraries/{id}', 'DELETE /api/itineraries/{id}']

    expect(
      without(operations, ['GET /api/itineraries?limit=5', 'DELETE /api/itineraries/{itinerary}']),
    ).toEqual(['GET /api/itineraries/{id}'])
  })
})
