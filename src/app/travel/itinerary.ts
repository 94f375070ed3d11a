import { z } from 'zod'
import { calendarDate } from '#kit/calendar-date'
import { itineraryDays } from './json-shapes.ts'
import { storableProse, storableText } from '#kit/storable-text'
import { itineraries } from './schema.ts'

const fields = {
  title: storableText(200),
  destination: storableText(200),
  startsOn: calendarDate.nullable(),
  endsOn: calendarDate.nullable(),
  status: z.enum(itineraries.status.enumValues),
  notes: storableProse(10_000).nullable(),
  days: itineraryDays,
}

interface Dates {
  startsOn?: string | null | undefined
  endsOn?: string | null | undefined
}

function endsAfterItStarts({ startsOn, endsOn }: Dates) {
  return !startsOn || !endsOn || startsOn <= endsOn
}
const datesTurnedRound = { path: ['endsOn'], message: 'must not be before startsOn' }

export const createItineraryInput = z
  .strictObject({
    ...fields,
    startsOn: fields.startsOn.default(null),
    endsOn: fields.endsOn.default(null),
    status: fields.status.default('draft'),
    notes: fields.notes.default(null),
    days: fields.days.default([]),
  })
  .refine(endsAfterItStarts, datesTurnedRound)

export const itineraryPatch = z
  .strictObject(fields)
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, { message: 'must change at least one field' })
  .refine(endsAfterItStarts, datesTurnedRound)

export const itinerarySchema = z.object({
  id: z.uuid(),
  ...fields,
  version: z.int().min(1),
  archivedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

export type CreateItineraryInput = z.output<typeof createItineraryInput>
export type ItineraryPatch = z.output<typeof itineraryPatch>
export type Itinerary = z.infer<typeof itinerarySchema>

export function toItinerary(row: typeof itineraries.$inferSelect): Itinerary {
  return {
    id: row.id,
    title: row.title,
    destination: row.destination,
    startsOn: row.startsOn,
    endsOn: row.endsOn,
    status: row.status,
    notes: row.notes,
    days: row.days,
    version: row.version,
    archivedAt: row.archivedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
