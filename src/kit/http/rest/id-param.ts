import { z } from '@hono/zod-openapi'

/** Not checked here: what is no id gets the answer that an unknown one gets. */
export const idParam = z.object({ id: z.string().openapi({ format: 'uuid' }) })
