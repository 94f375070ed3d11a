import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { count, sha256 } from '../portable/manifest-parts.ts'
import type { TarEntry } from './tar-format.ts'

/** Relative path without `.` and `..`: unpacking cannot write outside of the target folder. */
const innerPath = z
  .string()
  .regex(/^[^\0]+$/)
  .refine((path) => path.split('/').every((part) => !['', '.', '..'].includes(part)))

const entrySchema = z.strictObject({
  path: innerPath,
  kind: z.enum(['file', 'folder']),
  mode: z.int().min(0).max(0o7777),
  uid: count,
  gid: count,
  bytes: count,
  sha256,
})

const configManifestSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  createdAt: z.iso.datetime(),
  slipwayVersion: z.string(),
  /** Git revision of the checkout that the images were built from. */
  revision: z.string(),
  /** Owner of the checkout on the archived machine. */
  operator: z.strictObject({ uid: count, gid: count }),
  entries: z.array(entrySchema),
})

export type ConfigManifest = z.infer<typeof configManifestSchema>
export type ConfigEntry = z.infer<typeof entrySchema>

export const manifestPath = 'manifest.json'

export function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

export function describeEntries(entries: TarEntry[]): ConfigEntry[] {
  return entries.map(({ content, ...entry }) => ({
    ...entry,
    bytes: content.length,
    sha256: sha256Of(content),
  }))
}

export function renderConfigManifest(manifest: ConfigManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}

export function parseConfigManifest(content: string): ConfigManifest | undefined {
  try {
    const parsed = configManifestSchema.safeParse(JSON.parse(content))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

export function holdsTheSame({ entries }: ConfigManifest, others: ConfigEntry[]): boolean {
  return isDeepStrictEqual(entries, others)
}
