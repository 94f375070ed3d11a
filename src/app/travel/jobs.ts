import type { Job } from '#kit/job'
import type { SettingsOf } from '#kit/settings'
import { completePastItineraries } from './complete-past-itineraries.ts'
import type { settings } from './settings.ts'

type TravelJob = Job<SettingsOf<typeof settings>>

const completePast: TravelJob = {
  name: 'complete_past_itineraries',
  schedule: '20 3 * * *',
  run: async ({ db, settings, signal }) => ({
    completed: await completePastItineraries(db, settings.APP_COMPLETE_AFTER_DAYS, signal),
  }),
}

export const jobs: readonly TravelJob[] = [completePast]
