import { createRequire } from 'node:module'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../support/test-app.ts'

const script = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js')

let app: TestApp

beforeAll(async () => {
  app = await openTestApp({ settings: { docsScriptPath: script } })
})

afterAll(() => app.close())

interface Operation {
  parameters?: { in: string; name: string }[]
  responses: Record<string, { content?: Record<string, unknown> }>
}

interface Document {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}

const readDocument = async () => (await (await fetch(`${app.url}/api/openapi.json`)).json()) as Document

describe('the OpenAPI document', () => {
  test('is valid OpenAPI 3.1', async () => {
    const document = await readDocument()
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
    const document = await readDocument()

    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )

    expect(routes.toSorted()).toEqual([
      'delete /api/conversations/{id}',
      'delete /api/itineraries/{id}',
      'get /api/conversations',
      'get /api/conversations/{id}',
      'get /api/conversations/{id}/messages',
      'get /api/health/db',
      'get /api/itineraries',
      'get /api/itineraries/{id}',
      'get /api/me',
      'get /api/preferences',
      'get /livez',
      'get /readyz',
      'patch /api/itineraries/{id}',
      'post /api/conversations',
      'post /api/conversations/{id}/messages',
      'post /api/itineraries',
      'post /api/itineraries/{id}/archive',
      'put /api/preferences',
    ])
  })

  test('names the Idempotency-Key, and the refusal of a used one, wherever something is created', async () => {
    const { paths } = await readDocument()
    const creations = Object.values(paths).flatMap(({ post }) => (post?.responses['201'] ? [post] : []))

    expect(creations).toHaveLength(3)
    for (const { parameters, responses } of creations) {
      expect(parameters).toContainEqual(expect.objectContaining({ in: 'header', name: 'Idempotency-Key' }))
      expect(responses).toHaveProperty('422')
    }
  })

  test('describes what is refused before any route is found', async () => {
    const document = await readDocument()

    for (const methods of Object.values(document.paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        const statuses = method === 'get' ? ['400', '408', '413', '431'] : ['400', '403', '408', '413', '431']
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(statuses))
        expect('403' in responses).toBe(method !== 'get')
      }
    }
  })

  test('describes every refusal as a problem', async () => {
    const document = await readDocument()
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))

    const refusals = operations.flatMap(({ responses }) =>
      Object.entries(responses).filter(([status]) => Number(status) >= 400),
    )

    expect(refusals.length).toBeGreaterThan(50)
    for (const [, { content }] of refusals)
      expect(Object.keys(content ?? {})).toEqual(['application/problem+json'])
  })
})

describe('the page of the API', () => {
  test('loads its viewer from our own origin under a policy that allows nothing else', async () => {
    const page = await fetch(`${app.url}/api/docs`)
    const viewer = await fetch(`${app.url}/api/docs/redoc.standalone.js`)
    const policy = page.headers.get('content-security-policy') ?? ''

    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect(await page.text()).toContain('<script src="/api/docs/redoc.standalone.js">')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toMatch(/https?:|unsafe-eval/)
    expect(viewer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    const script = await viewer.text()
    expect(script.length).toBeGreaterThan(500_000)
    expect(script).not.toContain('logo-mini.svg')
  })

  test('says plainly when the viewer is not there', async () => {
    for (const docsScriptPath of [undefined, '/nowhere/redoc.standalone.js']) {
      const bare = await openTestApp({ settings: { docsScriptPath } })

      const page = await (await fetch(`${bare.url}/api/docs`)).text()
      const viewer = await fetch(`${bare.url}/api/docs/redoc.standalone.js`)
      await bare.close()

      expect(page).toContain('The viewer is not installed')
      expect(page).not.toContain('<script')
      expect(viewer.status).toBe(404)
    }
  })
})
