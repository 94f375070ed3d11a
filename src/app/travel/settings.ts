import type { SettingTable } from '#kit/settings'

/** Parsed when the API starts; routes get the values as `deps.appSettings`, jobs and the seed as `settings`. */
export const settings = {
  APP_COMPLETE_AFTER_DAYS: {
    type: 'integer',
    help: 'A planned itinerary is completed this many days after its end date.',
    default: '1',
    max: 365,
  },
} as const satisfies SettingTable
