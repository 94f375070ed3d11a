import { createConfig, lintFromString } from '@redocly/openapi-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestApp } from '../support/test-app.ts'

interface Operation {
  parameters?: { in: string; name: string }[]
  responses: Record<string, { content?: Record<string, unknown> }>
}

interface Document {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}

/** Tests of the OpenAPI document of an application; `open` starts it. */
export function documentTests(open: () => Promise<TestApp>): void {
  let app: TestApp
  let document: Document

  beforeAll(async () => {
    app = await open()
    document = (await (await fetch(`${app.url}/api/openapi.json`)).json()) as Document
  })

  afterAll(() => app.close())

  describe('the OpenAPI document', () => {
    test('is valid OpenAPI 3.1', async () => {
      const config = await createConfig({
        rules: {
          struct: 'error',
          'no-unresolved-refs': 'error',
          'path-parameters-defined': 'error',
          'no-identical-paths': 'error',
          'security-defined': 'error',
          'no-server-trailing-slash': 'error',
        },
      })

      const problems = await lintFromString({ source: JSON.stringify(document), config })

      expect(document.openapi).toBe('3.1.0')
      expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([])
    })

    test('knows every route but those of Better Auth and its own', async () => {
      const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map(
          (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
        ),
      )

      expect(routes.toSorted()).toEqual(await mountedRoutes(app))
    })

    test('names the Idempotency-Key, and the refusal of a used one, wherever something is created', () => {
      const creations = Object.values(document.paths).flatMap(({ post }) =>
        post?.responses['201'] ? [post] : [],
      )

      expect(creations).not.toEqual([])
      for (const { parameters, responses } of creations) {
        expect(parameters).toContainEqual(expect.objectContaining({ in: 'header', name: 'Idempotency-Key' }))
        expect(responses).toHaveProperty('422')
      }
    })

    test('describes what is refused before any route is found', () => {
      for (const methods of Object.values(document.paths)) {
        for (const [method, { responses }] of Object.entries(methods)) {
          const statuses =
            method === 'get' ? ['400', '408', '413', '431'] : ['400', '403', '408', '413', '431']
          expect(Object.keys(responses)).toEqual(expect.arrayContaining(statuses))
          expect('403' in responses).toBe(method !== 'get')
        }
      }
    })

    test('describes every refusal as a problem', () => {
      const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))

      const refusals = operations.flatMap(({ responses }) =>
        Object.entries(responses).filter(([status]) => Number(status) >= 400),
      )

      expect(refusals.length).toBeGreaterThan(30)
      for (const [, { content }] of refusals)
        expect(Object.keys(content ?? {})).toEqual(['application/problem+json'])
    })
  })
}

/** Routes that the running API counts requests of, without those that need no document. */
async function mountedRoutes(app: TestApp): Promise<string[]> {
  const counted = (await app.metrics.render()).matchAll(
    /^http_request_duration_seconds_count\{method="([A-Z]+)",route="(\/[^"]*)"\}/gm,
  )
  return [...counted]
    .map(([, method = '', route = '']) => `${method} ${route}`)
    .filter((each) => !/^HEAD | \/api\/(auth\/\*|docs|openapi\.json)/.test(each))
    .toSorted()
}
