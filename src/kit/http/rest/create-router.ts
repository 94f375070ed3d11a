import { OpenAPIHono } from '@hono/zod-openapi'
import type { HttpEnv } from '../context.ts'
import { invalidInput } from './invalid-input.ts'

/** Creates an empty router. Input that fails a route's schema becomes a problem response. */
export function createRouter(): OpenAPIHono<HttpEnv> {
  return new OpenAPIHono<HttpEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.target, result.error)
    },
  })
}
