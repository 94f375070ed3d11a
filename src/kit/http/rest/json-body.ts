import type { MiddlewareHandler } from 'hono'
import { AppError } from '../../errors.ts'
import type { HttpEnv } from '../context.ts'
import { parseJson } from './parse-json.ts'
import { readRequestBody } from './read-request-body.ts'

const jsonType = /^application\/json(;|$)/i

/** Reads and parses the body once, up to `limitBytes`, and stores it where Hono's validators read it. */
export function jsonBody(limitBytes: number): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    requireJsonType(c.req.header('content-type'))
    const text = await readRequestBody(c, limitBytes)
    const body = parseJson(text)
    c.req.json = <T>() => Promise.resolve(body as T)
    await next()
  }
}

/** Throws `unsupported_media_type` unless the content type is JSON. */
export function requireJsonType(contentType: string | undefined): void {
  if (contentType !== undefined && jsonType.test(contentType)) return
  throw new AppError('unsupported_media_type', 'request body must be JSON', {
    hint: 'send the header content-type: application/json',
  })
}
