import type { OpenAPIHono } from '@hono/zod-openapi'
import type { HttpSettings } from './app-deps.ts'
import type { HttpEnv } from './context.ts'
import { describeCommonRefusals } from './describe-common-refusals.ts'

const introduction = `Sign up with \`POST /api/auth/sign-up/email\`; the answer sets the session cookie that most routes
want. Errors are problem details (RFC 9457): branch on \`code\`, quote \`request_id\` when you report one.`

/** OpenAPI 3.1 of every route but Better Auth's. */
export function openapiDocument(app: OpenAPIHono<HttpEnv>, { publicUrl }: Pick<HttpSettings, 'publicUrl'>) {
  const { origin, protocol } = new URL(publicUrl)
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Slipway API', version: '1', description: introduction },
    servers: [{ url: origin }],
    tags: ['health', 'me', 'preferences', 'itineraries', 'conversations'].map((name) => ({ name })),
    security: [{ session: [] }],
  })
  // Better Auth prefixes its cookie where it may be sent over TLS alone.
  const name = `${protocol === 'https:' ? '__Secure-' : ''}better-auth.session_token`
  const securitySchemes = { session: { type: 'apiKey', in: 'cookie', name } }
  const paths = describeCommonRefusals(document.paths)
  return { ...document, paths, components: { ...document.components, securitySchemes } }
}
