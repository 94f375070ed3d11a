import type { Proof, ProofRequest, ProofRow } from '#kit/proof'
import type { CreateItineraryInput } from './itinerary.ts'

const account = { email: 'rehearsal-{run}@example.com', password: 'a long password {run}' }
const itinerary = { title: 'Rehearsal {run}', destination: 'Ljubljana' }
const once = { 'idempotency-key': 'rehearsal-{run}' }

const requests: ProofRequest[] = [
  { method: 'POST', path: '/api/auth/sign-up/email', body: { name: 'Rehearsal', ...account } },
  { method: 'POST', path: '/api/auth/sign-up/email', body: { name: 'The same address', ...account } },
  { method: 'POST', path: '/api/auth/sign-out', body: {} },
  { method: 'POST', path: '/api/auth/sign-in/email', body: account },
  { method: 'GET', path: '/api/auth/get-session' },
  { method: 'GET', path: '/api/me' },
  { method: 'GET', path: '/api/preferences' },
  { method: 'PUT', path: '/api/preferences', body: { homeCity: 'Ljubljana {run}' } },
  { method: 'PUT', path: '/api/preferences', body: { homeCity: 'Ljubljana {run}' } },
  { method: 'POST', path: '/api/itineraries', body: itinerary, headers: once, save: 'itinerary' },
  { method: 'POST', path: '/api/itineraries', body: itinerary, headers: once },
  { method: 'GET', path: '/api/itineraries/{itinerary}' },
  { method: 'GET', path: '/api/itineraries?limit=5' },
  {
    method: 'PATCH',
    path: '/api/itineraries/{itinerary}',
    body: { status: 'planned', notes: 'A note', days: [] },
    headers: { 'if-match': '"1"' },
  },
  {
    method: 'POST',
    path: '/api/conversations',
    body: { title: 'Rehearsal {run}', itineraryId: '{itinerary}' },
    save: 'conversation',
  },
  { method: 'GET', path: '/api/conversations' },
  { method: 'GET', path: '/api/conversations/{conversation}' },
  {
    method: 'POST',
    path: '/api/conversations/{conversation}/messages',
    body: { role: 'user', content: 'Where to? {run}' },
  },
  { method: 'GET', path: '/api/conversations/{conversation}/messages' },
  { method: 'POST', path: '/api/itineraries/{itinerary}/archive' },
  { method: 'GET', path: '/api/itineraries?archived=true' },
  { method: 'DELETE', path: '/api/itineraries/{itinerary}' },
  { method: 'DELETE', path: '/api/conversations/{conversation}' },
  { method: 'POST', path: '/api/auth/sign-out', body: {} },
]

function days(place: string): CreateItineraryInput['days'] {
  return [
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
}

const columns = `id, title, destination, starts_on as "startsOn", ends_on as "endsOn", status, notes, days, version,
  archived_at as "archivedAt", created_at as "createdAt", updated_at as "updatedAt"`

const row: ProofRow = {
  path: '/api/itineraries',
  table: 'itineraries',
  keyColumn: 'title',
  markColumn: 'destination',
  keyField: 'title',
  markField: 'destination',
  body: (title, destination) => ({ title, destination }),
  sample: (number) => ({
    title: `Spring break ${number} 🧭`,
    destination: 'Łódź, Poland',
    startsOn: '2026-05-01',
    endsOn: '2026-05-03',
    status: 'draft',
    notes: "Zoë's list: 100% cotton, two adapters, the blue guide.",
    days: days(`district ${number}`),
  }),
  patch: { status: 'completed' },
  bare: {
    read: `select ${columns} from itineraries where id = $1 and user_id = $2`,
    list: `select ${columns} from itineraries
      where user_id = $1 and (created_at, id) < ($2::timestamptz, $3::uuid) and archived_at is null
      order by created_at desc, id desc limit $4`,
    insert: `insert into itineraries (id, user_id, title, destination, starts_on, ends_on, status, notes, days)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${columns}`,
    insertParameters: (id, userId, body) => [
      ...[id, userId, body['title'], body['destination'], body['startsOn'], body['endsOn']],
      ...[body['status'], body['notes'], body['days']],
    ],
  },
}

/** Rows and requests of the travel planner for the kit's proofs. */
export const proof: Proof = { requests, row }
