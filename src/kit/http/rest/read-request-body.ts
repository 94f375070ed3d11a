import type { Context } from 'hono'
import type { HttpEnv } from '../context.ts'
import { readBody } from './read-body.ts'

/** Gives the request's slot back while the body is under way: slow clients would otherwise hold all of them. */
export async function readRequestBody(c: Context<HttpEnv>, limitBytes: number): Promise<string> {
  const { incoming } = c.env
  if (incoming.complete) return readBody(incoming, limitBytes)
  c.get('slot')?.leave()
  const text = await readBody(incoming, limitBytes)
  c.get('slot')?.enter()
  return text
}
