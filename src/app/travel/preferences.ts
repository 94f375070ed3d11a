import { z } from 'zod'
import type { preferences } from './schema.ts'
import { travelSettings } from './json-shapes.ts'

/** PUT replaces the whole document: an absent field gets its default. */
export const preferencesInput = z.strictObject({
  ...travelSettings.shape,
  currency: travelSettings.shape.currency.default('EUR'),
  units: travelSettings.shape.units.default('metric'),
  pace: travelSettings.shape.pace.default('balanced'),
  interests: travelSettings.shape.interests.default([]),
  dietary: travelSettings.shape.dietary.default([]),
  accessibility: travelSettings.shape.accessibility.default([]),
})

export const preferencesSchema = z.object({
  ...travelSettings.shape,
  /** 0 before the first save. */
  version: z.int().min(0),
  updatedAt: z.iso.datetime().nullable(),
})

export type PreferencesInput = z.output<typeof preferencesInput>
export type Preferences = z.infer<typeof preferencesSchema>

export const defaultPreferences: Preferences = { ...preferencesInput.parse({}), version: 0, updatedAt: null }

export function toPreferences(row: typeof preferences.$inferSelect): Preferences {
  return { ...row.settings, version: row.version, updatedAt: row.updatedAt.toISOString() }
}
