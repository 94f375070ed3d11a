import { z } from 'zod'
import { liftFormat1 } from './manifest-format-1.ts'
import { count, extensionSchema, migrationSchema, sha256 } from './manifest-parts.ts'

const fileSchema = z.strictObject({
  /** File name, not a path. */
  file: z.string().regex(/^[\w.]+$/),
  bytes: count,
  /** SHA-256 of the stored bytes, encrypted or not. */
  sha256,
})

/** A file and its content after decryption; without encryption both have the same figures. */
const contentSchema = fileSchema.extend({ plainBytes: count, plainSha256: sha256 })

const hashSchema = z.strictObject({
  /** Sum of the row hashes, independent of the row order; see portable/content-hash.ts. */
  value: z.string(),
  /** 1 for every row; n for a sample of one in n rows, when time was short. */
  sampleOneIn: z.int().positive(),
  /** Hash input: the row as text, as in the first versions, or the hashes of the columns. */
  of: z.enum(['text', 'columns']).default('text'),
})

const tableSchema = z.strictObject({
  schema: z.string(),
  name: z.string(),
  owner: z.string(),
  rows: count,
  /** null when there was no time for a hash. */
  hash: hashSchema.nullable(),
})

const sequenceSchema = z.strictObject({
  schema: z.string(),
  name: z.string(),
  /** Text, because the value may exceed Number.MAX_SAFE_INTEGER. */
  lastValue: z.string(),
  isCalled: z.boolean(),
})

/** Reasons for a backup; retention keeps some of each. */
export const backupReasons = [
  'manual',
  'scheduled',
  'before_migration',
  'before_restore',
  'before_upgrade',
] as const

const databaseSchema = z.strictObject({
  name: z.string(),
  bytes: count,
  encoding: z.string().nullable(),
  collate: z.string().nullable(),
  owner: z.string().nullable(),
  /** 'name=value', as in pg_db_role_setting. */
  settings: z.array(z.string()).nullable(),
  extensions: z.array(extensionSchema),
})

/** null for values that format 1 did not contain. */
const shapeSchema = z.strictObject({
  format: z.literal([1, 2]),
  name: z.string(),
  reason: z.enum(backupReasons).nullable(),
  /** Time of the snapshot, which is the state that the backup contains. */
  createdAt: z.iso.datetime(),
  slipwayVersion: z.string(),
  database: databaseSchema,
  serverVersion: z.string(),
  clientVersion: z.string(),
  encryption: z.strictObject({ kind: z.literal('age'), recipients: z.array(z.string()).min(1) }).nullable(),
  /** All files except the manifest and SHA256SUMS. */
  files: z.array(fileSchema).min(1),
  dump: contentSchema,
  globals: contentSchema.nullable(),
  tables: z.array(tableSchema),
  sequences: z.array(sequenceSchema).nullable(),
  largeObjects: z.strictObject({ count, hash: z.string() }).nullable(),
  roles: z.array(z.string()).nullable(),
  /** Drizzle's journal: `hash` of the file, `createdAt` in ms. Empty for a database without migrations. */
  migrations: z.array(migrationSchema),
  /** SHA-256 over the lines of migrate/catalog-lines.ts. */
  catalogHash: sha256.nullable(),
  durationMs: count,
})

function isListed({ files, dump, globals }: z.infer<typeof shapeSchema>): boolean {
  return [dump, ...(globals === null ? [] : [globals])].every((content) =>
    files.some(({ file, sha256 }) => file === content.file && sha256 === content.sha256),
  )
}

const manifestSchema = shapeSchema.refine(isListed)

export type Manifest = z.infer<typeof manifestSchema>
export type TableRows = Pick<z.infer<typeof tableSchema>, 'schema' | 'name' | 'owner' | 'rows'>
export type StoredContent = z.infer<typeof contentSchema>
export type BackupReason = (typeof backupReasons)[number]

export const manifestFileName = 'manifest.json'

/** Returns the total size of its files. */
export function bytesOf({ files }: Manifest): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

export function renderManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** Parses a manifest. Returns undefined for invalid text and unknown formats. */
export function parseManifest(content: string): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(content)
    const parsed = manifestSchema.safeParse(liftFormat1(value) ?? value)
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
