import type { Context } from 'hono'
import type { HttpEnv } from '../context.ts'
import { readBody } from './read-body.ts'

/** Reads the body and releases the request's slot meanwhile: slow clients would otherwise hold all slots. */
export async function readRequestBody(c: Context<HttpEnv>, limitBytes: number): Promise<string> {
  const { incoming } = c.env
  if (incoming.complete) return readBody(incoming, limitBytes)
  c.get('slot')?.leave()
  const text = await readBody(incoming, limitBytes)
  c.get('slot')?.enter()
  return text
}
