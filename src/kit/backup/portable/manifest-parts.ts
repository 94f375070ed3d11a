import { z } from 'zod'

// Shared by both formats of the manifest.

export const count = z.int().nonnegative()
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
export const extensionSchema = z.strictObject({ name: z.string(), version: z.string() })
export const migrationSchema = z.strictObject({ hash: z.string(), createdAt: count })
