import type { OpenAPIHono } from '@hono/zod-openapi'
import type { HttpSettings } from '../app-deps.ts'
import type { HttpEnv } from '../context.ts'
import { describeCommonRefusals } from './describe-common-refusals.ts'

const introduction = `Sign up with \`POST /api/auth/sign-up/email\`; the answer sets the session cookie that most routes
want. Errors are problem details (RFC 9457): branch on \`code\`, quote \`request_id\` when you report one.`

/** The application's part of the document's head. */
export interface DocumentParts {
  title: string
  /** In document order, after the tags of the kit. */
  tags: readonly string[]
}

/** Builds the OpenAPI 3.1 document of every route except Better Auth's. */
export function openapiDocument(
  app: OpenAPIHono<HttpEnv>,
  { publicUrl }: Pick<HttpSettings, 'publicUrl'>,
  { title, tags }: DocumentParts,
) {
  const { origin, protocol } = new URL(publicUrl)
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title, version: '1', description: introduction },
    servers: [{ url: origin }],
    tags: ['health', 'me', ...tags].map((name) => ({ name })),
    security: [{ session: [] }],
  })
  // Better Auth prefixes its cookie when the cookie is Secure.
  const name = `${protocol === 'https:' ? '__Secure-' : ''}better-auth.session_token`
  const securitySchemes = { session: { type: 'apiKey', in: 'cookie', name } }
  const paths = describeCommonRefusals(document.paths)
  return { ...document, paths, components: { ...document.components, securitySchemes } }
}
