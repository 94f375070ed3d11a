import type { AppendMessageInput } from './message.ts'
import type { PreferencesInput } from './preferences.ts'
import type { CreateItineraryInput } from './itinerary.ts'

/** Rows of a seeded user. The ids are fixed, so that a second run finds the rows of the first. */
export interface SeedPlan {
  preferences: PreferencesInput
  itineraries: ({ id: string; archived?: boolean } & CreateItineraryInput)[]
  conversations: { id: string; title: string; itineraryId: string | null; messages: AppendMessageInput[] }[]
}

const lisbon = '019a8f10-0000-7000-8000-000000000001'
const kyoto = '019a8f10-0000-7000-8000-000000000002'

export const demoPlan: SeedPlan = {
  preferences: {
    currency: 'EUR',
    units: 'metric',
    pace: 'balanced',
    homeCity: 'Hamburg',
    interests: ['food markets', 'architecture', 'night trains'],
    dietary: ['vegetarian'],
    accessibility: [],
  },
  itineraries: [
    {
      id: lisbon,
      title: 'Long weekend in Lisbon',
      destination: 'Lisbon, Portugal',
      startsOn: '2027-04-15',
      endsOn: '2027-04-18',
      status: 'planned',
      notes: 'Tram 28 before nine, or not at all.\nAna knows a place for fado in Mouraria.',
      days: [
        {
          date: '2027-04-15',
          title: 'Arrival',
          activities: [
            {
              title: 'Train from the airport to Santa Apolónia',
              startsAt: '14:20',
              cost: { amountMinor: 180, currency: 'EUR' },
            },
            {
              title: 'Dinner at a tasca',
              startsAt: '20:00',
              place: 'Alfama',
              cost: { amountMinor: 2600, currency: 'EUR' },
            },
          ],
        },
        {
          date: '2027-04-16',
          title: 'Belém',
          activities: [
            {
              title: 'Jerónimos Monastery',
              startsAt: '09:30',
              place: 'Praça do Império',
              cost: { amountMinor: 1800, currency: 'EUR' },
            },
            { title: 'Pastéis de nata, still warm', place: 'Rua de Belém', note: 'Two each. At least.' },
            { title: 'Walk along the river to the tower' },
          ],
        },
        {
          date: '2027-04-17',
          title: 'Sintra',
          activities: [
            { title: 'Pena Palace', startsAt: '10:00', cost: { amountMinor: 2000, currency: 'EUR' } },
          ],
        },
      ],
    },
    {
      id: kyoto,
      title: 'Kyoto in autumn',
      destination: 'Kyoto, Japan',
      startsOn: '2027-11-12',
      endsOn: '2027-11-22',
      status: 'draft',
      notes: null,
      days: [
        {
          activities: [
            { title: 'Fushimi Inari at dawn', startsAt: '05:45', place: 'Fushimi-ku' },
            { title: 'Nishiki Market', cost: { amountMinor: 3000, currency: 'JPY' } },
          ],
        },
      ],
    },
    {
      id: '019a8f10-0000-7000-8000-000000000003',
      title: 'Night train to Stockholm',
      destination: 'Stockholm, Sweden',
      startsOn: '2026-06-19',
      endsOn: '2026-06-23',
      status: 'completed',
      notes: 'The lower berths were worth it.',
      days: [],
      archived: true,
    },
  ],
  conversations: [
    {
      id: '019a8f10-0000-7000-8000-000000000011',
      title: 'Three days, no museums',
      itineraryId: lisbon,
      messages: [
        {
          role: 'user',
          content: 'We have three days in Lisbon and want to be outside. What would you drop?',
        },
        {
          role: 'assistant',
          content:
            'Drop the museums in the centre, keep the monastery for its cloister, and take the early train to Sintra.',
        },
        { role: 'user', content: 'Is Sintra too much for one day with two kids?' },
        {
          role: 'assistant',
          content:
            'Not if you pick one palace. Pena has the gardens; buy the tickets for ten o’clock and be back by four.',
        },
      ],
    },
    {
      id: '019a8f10-0000-7000-8000-000000000012',
      title: 'Where do the leaves turn first?',
      itineraryId: kyoto,
      messages: [
        { role: 'user', content: 'When is the best week for the maples in Kyoto?' },
        {
          role: 'assistant',
          content:
            'Usually the second half of November; the hills in the north are a week ahead of the centre.',
        },
      ],
    },
  ],
}

/** A second user, to show that users cannot see each other's rows. */
export const neighbourPlan: SeedPlan = {
  preferences: { ...demoPlan.preferences, currency: 'SEK', pace: 'relaxed', homeCity: 'Malmö', dietary: [] },
  itineraries: [
    {
      id: '019a8f10-0000-7000-8000-000000000021',
      title: 'Cabin week',
      destination: 'Jämtland, Sweden',
      startsOn: '2027-02-20',
      endsOn: '2027-02-27',
      status: 'planned',
      notes: null,
      days: [{ activities: [{ title: 'Wax the skis' }, { title: 'Sauna', startsAt: '18:00' }] }],
    },
  ],
  conversations: [],
}
