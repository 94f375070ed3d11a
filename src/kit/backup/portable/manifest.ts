import { z } from 'zod'
import { liftFormat1 } from './manifest-format-1.ts'
import { count, extensionSchema, migrationSchema, sha256 } from './manifest-parts.ts'

const fileSchema = z.strictObject({
  /** As it lies there; a name and never a path. */
  file: z.string().regex(/^[\w.]+$/),
  bytes: count,
  /** Of the bytes on the disk: of the encrypted ones where they are encrypted. */
  sha256,
})

/** A file and what comes out of it once it is decrypted; the same figures twice when it never was encrypted. */
const contentSchema = fileSchema.extend({ plainBytes: count, plainSha256: sha256 })

const hashSchema = z.strictObject({
  /** The sum of the hashes of the rows, whatever their order: portable/content-hash.ts. */
  value: z.string(),
  /** 1 for every row; n when the time allowed for one in n only. */
  sampleOneIn: z.int().positive(),
  /** Of what: the text of the row, as the first versions did, or its columns by their own hashes. */
  of: z.enum(['text', 'columns']).default('text'),
})

const tableSchema = z.strictObject({
  schema: z.string(),
  name: z.string(),
  owner: z.string(),
  rows: count,
  /** null where there was no time for it. */
  hash: hashSchema.nullable(),
})

const sequenceSchema = z.strictObject({
  schema: z.string(),
  name: z.string(),
  /** Text: it may be beyond what a number of JavaScript holds. */
  lastValue: z.string(),
  isCalled: z.boolean(),
})

/** Why a backup was taken; retention keeps some of each. */
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
  /** 'name=value', as pg_db_role_setting has them. */
  settings: z.array(z.string()).nullable(),
  extensions: z.array(extensionSchema),
})

/** null stands for what format 1 did not write down. */
const shapeSchema = z.strictObject({
  format: z.literal([1, 2]),
  name: z.string(),
  reason: z.enum(backupReasons).nullable(),
  /** When the snapshot was taken: the backup shows the database of this moment. */
  createdAt: z.iso.datetime(),
  slipwayVersion: z.string(),
  database: databaseSchema,
  serverVersion: z.string(),
  clientVersion: z.string(),
  encryption: z.strictObject({ kind: z.literal('age'), recipients: z.array(z.string()).min(1) }).nullable(),
  /** Every file but the manifest and the checksums themselves. */
  files: z.array(fileSchema).min(1),
  dump: contentSchema,
  globals: contentSchema.nullable(),
  tables: z.array(tableSchema),
  sequences: z.array(sequenceSchema).nullable(),
  largeObjects: z.strictObject({ count, hash: z.string() }).nullable(),
  roles: z.array(z.string()).nullable(),
  /** Drizzle's journal: `hash` of the file, `createdAt` in ms. Empty when the database was never migrated. */
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

/** Of all its files together. */
export function bytesOf({ files }: Manifest): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

export function renderManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** undefined for whatever is not a manifest that this version can read. */
export function parseManifest(content: string): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(content)
    const parsed = manifestSchema.safeParse(liftFormat1(value) ?? value)
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
