import { z } from 'zod'

const count = z.int().nonnegative()

const tableSchema = z.strictObject({ schema: z.string(), name: z.string(), owner: z.string(), rows: count })

const manifestSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  /** When the snapshot was taken: the backup shows the database of this moment. */
  createdAt: z.iso.datetime(),
  slipwayVersion: z.string(),
  database: z.strictObject({
    name: z.string(),
    bytes: count,
    extensions: z.array(z.strictObject({ name: z.string(), version: z.string() })),
  }),
  serverVersion: z.string(),
  clientVersion: z.string(),
  dump: z.strictObject({
    file: z.literal('database.dump'),
    bytes: count,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  tables: z.array(tableSchema),
  /** Drizzle's journal: `hash` of the file, `createdAt` in ms. Empty when the database was never migrated. */
  migrations: z.array(z.strictObject({ hash: z.string(), createdAt: count })),
  durationMs: count,
})

export type Manifest = z.infer<typeof manifestSchema>
export type TableRows = z.infer<typeof tableSchema>

export const dumpFileName = 'database.dump'
export const manifestFileName = 'manifest.json'
/** In the form of sha256sum(1), so that a person can check a copy anywhere: `sha256sum -c SHA256SUMS`. */
export const checksumsFileName = 'SHA256SUMS'

export const renderManifest = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`

/** undefined for whatever is not a manifest of this format. */
export const parseManifest = (content: string): Manifest | undefined => {
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(content))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

export const renderChecksums = (digests: Record<string, string>): string =>
  Object.entries(digests)
    .map(([file, sha256]) => `${sha256}  ${file}\n`)
    .join('')

/** Strict, so that a changed character in the list itself is found as well. */
export const parseChecksums = (content: string): Record<string, string> | undefined => {
  const lines = content.split('\n')
  if (lines.pop() !== '') return undefined
  const entries = lines.map((line) => /^([0-9a-f]{64}) {2}([\w.]+)$/.exec(line))
  if (entries.some((entry) => entry === null)) return undefined
  return Object.fromEntries(entries.map((entry) => [entry?.[2] ?? '', entry?.[1] ?? '']))
}
