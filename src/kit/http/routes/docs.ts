import { readFile } from 'node:fs/promises'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { Hono } from 'hono'
import { AppError } from '../../errors.ts'
import type { HttpSettings } from '../app-deps.ts'
import type { HttpEnv } from '../context.ts'
import { docsPage } from './docs-page.ts'
import { openapiDocument, type DocumentParts } from './openapi-document.ts'

const scriptType = 'text/javascript; charset=utf-8'

/** Redoc adds inline styles, draws inline images and searches in a worker; every request stays on our origin. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Creates the routes of the OpenAPI document and of the page that shows it. Neither is part of the document. */
export function createDocsRoutes(app: OpenAPIHono<HttpEnv>, settings: HttpSettings, parts: DocumentParts) {
  const readScript = scriptReader(settings.docsScriptPath)
  let document: string | undefined
  const routes = new Hono<HttpEnv>()
  routes.get('/api/openapi.json', (c) => {
    document ??= JSON.stringify(openapiDocument(app, settings, parts))
    return c.body(document, 200, { 'content-type': 'application/json' })
  })
  routes.get('/api/docs', async (c) =>
    c.html(docsPage((await readScript()) !== undefined), 200, { 'content-security-policy': pagePolicy }),
  )
  routes.get('/api/docs/redoc.standalone.js', async (c) => {
    const script = await readScript()
    if (script === undefined) throw new AppError('not_found', 'the viewer is not installed with this server')
    return c.body(script, 200, { 'content-type': scriptType, 'cache-control': 'public, max-age=3600' })
  })
  return routes
}

/** Reads the file once. A missing file is allowed, because an image may leave it out. */
function scriptReader(path: string | undefined): () => Promise<string | undefined> {
  let script: Promise<string | undefined> | undefined
  const read = (file: string) => readFile(file, 'utf8').then(withoutForeignLogo, absent)
  return () => (script ??= path === undefined ? Promise.resolve(undefined) : read(path))
}

/** Removes the logo from another origin, which the page's policy blocks; Redoc hides a logo that fails to load. */
function withoutForeignLogo(script: string): string {
  return script.replace(/https:\/\/[\w.]+\/redoc\/logo-mini\.svg/, 'data:,')
}

function absent(err: NodeJS.ErrnoException): undefined {
  if (err.code !== 'ENOENT') throw err
}
