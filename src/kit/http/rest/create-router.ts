import { OpenAPIHono } from '@hono/zod-openapi'
import type { HttpEnv } from '../context.ts'
import { invalidInput } from './invalid-input.ts'

/** An empty room for routes; whatever does not pass a schema in it becomes our problem. */
export function createRouter(): OpenAPIHono<HttpEnv> {
  return new OpenAPIHono<HttpEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.target, result.error)
    },
  })
}
