import { z } from '@hono/zod-openapi'

/** Not validated as a UUID: a malformed id gets the same answer as an unknown one. */
export const idParam = z.object({ id: z.string().openapi({ format: 'uuid' }) })
