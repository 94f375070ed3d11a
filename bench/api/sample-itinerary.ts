import type { CreateItineraryInput } from '../../src/app/travel/itinerary.ts'

const days = (place: string): CreateItineraryInput['days'] => [
  {
    date: '2026-05-01',
    title: 'Arrival',
    activities: [
      { title: `Walk through ${place}`, startsAt: '16:30', place: 'Old town' },
      { title: 'Dinner', startsAt: '19:30', cost: { amountMinor: 4250, currency: 'EUR' } },
    ],
  },
  { date: '2026-05-02', activities: [{ title: 'Museum', startsAt: '10:00', note: 'Closed on Mondays.' }] },
]

/** What a person would save: half a kilobyte as JSON. The number makes each a little different. */
export const sampleItinerary = (number: number): CreateItineraryInput => ({
  title: `Spring break ${number} 🧭`,
  destination: 'Łódź, Poland',
  startsOn: '2026-05-01',
  endsOn: '2026-05-03',
  status: 'planned',
  notes: "Zoë's list: 100% cotton, two adapters, the blue guide.",
  days: days(`district ${number}`),
})
