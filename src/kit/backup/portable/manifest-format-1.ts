import { z } from 'zod'
import { count, extensionSchema, migrationSchema, sha256 } from './manifest-parts.ts'

const format1Schema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  createdAt: z.iso.datetime(),
  slipwayVersion: z.string(),
  database: z.strictObject({ name: z.string(), bytes: count, extensions: z.array(extensionSchema) }),
  serverVersion: z.string(),
  clientVersion: z.string(),
  dump: z.strictObject({ file: z.literal('database.dump'), bytes: count, sha256 }),
  tables: z.array(z.strictObject({ schema: z.string(), name: z.string(), owner: z.string(), rows: count })),
  migrations: z.array(migrationSchema),
  durationMs: count,
})

/** Converts a manifest of format 1 to the current format. Returns undefined for anything else. */
export function liftFormat1(value: unknown): unknown {
  const parsed = format1Schema.safeParse(value)
  if (!parsed.success) return undefined
  const { database, dump, tables, ...rest } = parsed.data
  return {
    ...rest,
    reason: null,
    database: { ...database, encoding: null, collate: null, owner: null, settings: null },
    encryption: null,
    files: [dump],
    dump: { ...dump, plainBytes: dump.bytes, plainSha256: dump.sha256 },
    globals: null,
    tables: tables.map((table) => ({ ...table, hash: null })),
    sequences: null,
    largeObjects: null,
    roles: null,
    catalogHash: null,
  }
}
