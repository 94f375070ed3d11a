export interface RehearsalRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `{name}` stands for a saved id; `{run}` is another text in each run, in bodies and headers too. */
  path: string
  body?: unknown
  headers?: Record<string, string>
  /** Keeps `id` of the answer under this name. */
  save?: string
}

const account = { email: 'rehearsal-{run}@example.com', password: 'a long password {run}' }
const itinerary = { title: 'Rehearsal {run}', destination: 'Ljubljana' }
const once = { 'idempotency-key': 'rehearsal-{run}' }

/**
 * The requests that each migration is rehearsed with, in this order, as one new user. Put your own routes here: at least
 * one that creates, reads, lists, changes and deletes each resource, and one that is refused by each unique key.
 * `test/kit/integration/http/rehearsal-requests.test.ts` names the operations of the OpenAPI document that are missing here.
 */
export const rehearsalRequests: RehearsalRequest[] = [
  { method: 'POST', path: '/api/auth/sign-up/email', body: { name: 'Rehearsal', ...account } },
  { method: 'POST', path: '/api/auth/sign-up/email', body: { name: 'The same address', ...account } },
  { method: 'POST', path: '/api/auth/sign-out', body: {} },
  { method: 'POST', path: '/api/auth/sign-in/email', body: account },
  { method: 'GET', path: '/api/auth/get-session' },
  { method: 'GET', path: '/api/me' },
  { method: 'GET', path: '/api/preferences' },
  { method: 'PUT', path: '/api/preferences', body: {} },
  { method: 'PUT', path: '/api/preferences', body: {} },
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
    body: { title: 'Rehearsal', itineraryId: '{itinerary}' },
    save: 'conversation',
  },
  { method: 'GET', path: '/api/conversations' },
  { method: 'GET', path: '/api/conversations/{conversation}' },
  {
    method: 'POST',
    path: '/api/conversations/{conversation}/messages',
    body: { role: 'user', content: 'Where to?' },
  },
  { method: 'GET', path: '/api/conversations/{conversation}/messages' },
  { method: 'POST', path: '/api/itineraries/{itinerary}/archive' },
  { method: 'GET', path: '/api/itineraries?archived=true' },
  { method: 'DELETE', path: '/api/itineraries/{itinerary}' },
  { method: 'DELETE', path: '/api/conversations/{conversation}' },
  { method: 'POST', path: '/api/auth/sign-out', body: {} },
]
