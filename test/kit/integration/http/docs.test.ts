import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'
import { documentTests } from '../../proof/document-tests.ts'

const script = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js')

let app: FixtureApp

beforeAll(async () => {
  app = await openFixtureApp({ settings: { docsScriptPath: script } })
})

afterAll(() => app.close())

documentTests(openFixtureApp)

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
      const bare = await openFixtureApp({ settings: { docsScriptPath } })

      const page = await (await fetch(`${bare.url}/api/docs`)).text()
      const viewer = await fetch(`${bare.url}/api/docs/redoc.standalone.js`)
      await bare.close()

      expect(page).toContain('The viewer is not installed')
      expect(page).not.toContain('<script')
      expect(viewer.status).toBe(404)
    }
  })
})
