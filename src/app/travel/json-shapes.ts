import { z } from 'zod'
import { calendarDate } from '#kit/calendar-date'
import { storableText } from '#kit/storable-text'

// The shapes of the jsonb columns; the files of the requests build their inputs from them.

const tagList = z.array(storableText(50)).max(20)

export const money = z.strictObject({
  /** In the currency's minor unit (cents), so that nothing is ever rounded. */
  amountMinor: z.int().min(0).max(1_000_000_000),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency code of three capital letters'),
})

export const activity = z.strictObject({
  title: storableText(200),
  startsAt: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 09:30')
    .optional(),
  place: storableText(200).optional(),
  note: storableText(2000).optional(),
  cost: money.optional(),
})

export const itineraryDay = z.strictObject({
  date: calendarDate.optional(),
  title: storableText(200).optional(),
  activities: z.array(activity).max(30),
})

export const itineraryDays = z.array(itineraryDay).max(60)

export const travelSettings = z.strictObject({
  currency: money.shape.currency,
  units: z.enum(['metric', 'imperial']),
  pace: z.enum(['relaxed', 'balanced', 'packed']),
  homeCity: storableText(200).optional(),
  interests: tagList,
  dietary: tagList,
  accessibility: tagList,
})

export type ItineraryDay = z.infer<typeof itineraryDay>
export type TravelSettings = z.infer<typeof travelSettings>
