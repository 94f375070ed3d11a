import { randomBytes, randomUUID } from 'node:crypto'
import { fillRequest, type Proof, type ProofRequest, type ProofRow } from '../../../src/kit/proof.ts'
import type { TestApp } from '../support/test-app.ts'
import { idsIn, requestsOf, routeOf, sendAll, sendAs } from './proof-subject.ts'

export interface Strangers {
  /** Sends the requests of a route with no session and with forged ones; returns a sentence for each that is not refused. */
  withoutSession: (route: string) => Promise<string[]>
  /** Sends them as another user; returns a sentence for each that shows or changes anything of the owner. */
  withOwnSession: (route: string) => Promise<string[]>
  /** Reads with the owner's ids, and with ids that never were; returns a sentence for each answer that tells them apart. */
  withUnknownIds: () => Promise<string[]>
  /** Follows the owner's cursor as another user; returns a sentence when it shows anything of the owner. */
  withCursorOfOwner: () => Promise<string[]>
  ownerCookie: string
}

/** Each route of the requests once, in their order. */
export function routesOf(proof: Proof): string[] {
  return [...new Set(requestsOf(proof).map(routeOf))]
}

/** Signs up an owner, who sends every request that deletes nothing, and a stranger. */
export async function openStrangers(app: TestApp, proof: Proof): Promise<Strangers> {
  const [owner, stranger] = [await app.signUp(), await app.signUp()]
  const [run, strangerRun] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')]
  const older = await createRow(app.url, proof.row, run, owner.cookie)
  const newer = await createRow(app.url, proof.row, run, owner.cookie)
  const { values, statuses } = await sendAll(app.url, proof, owner.cookie, run)
  const secrets = [...Object.values(values), older, newer, owner.id, owner.email]
  const reads = requestsOf(proof).filter(({ method }) => method === 'GET')
  const filled = (request: ProofRequest): ProofRequest => ({
    ...fillRequest(request, { ...values, run: strangerRun }),
    // The owner's Idempotency-Key too: it means nothing for another user.
    headers: fillRequest({ ...request, body: undefined }, values).headers ?? {},
  })
  const requestsOn = (route: string) => requestsOf(proof).filter((each) => routeOf(each) === route)
  const shown = (text: string) => secrets.filter((secret) => text.includes(secret))

  /** All that the owner can see, to tell whether the stranger changed any of it. */
  const everything = () =>
    Promise.all(
      reads.map(async (read) => {
        const response = await sendAs(app.url, fillRequest(read, values), owner.cookie)
        const text = await response.text()
        // A read that shows neither {run} nor a saved id could leak unseen.
        return response.ok && shown(text).length > 0
          ? text
          : `${routeOf(read)} shows the owner nothing: ${text}`
      }),
    )

  const withOwnSession = async (request: ProofRequest): Promise<string[]> => {
    const before = await everything()
    const response = await sendAs(app.url, filled(request), stranger.cookie)
    const text = await response.text()
    const wanted = idsIn(request).length > 0 ? 404 : statuses.get(request)
    const isWanted = wanted === undefined ? response.ok : response.status === wanted
    const blind = before.filter((each) => each.includes(' shows the owner nothing: '))
    return [
      ...blind,
      ...(isWanted ? [] : [`answers ${response.status}: ${text}`]),
      ...shown(text).map((secret) => `shows ${secret} of the owner: ${text}`),
      ...(isSame(before, await everything()) ? [] : ['changes what the owner sees']),
    ]
  }

  return {
    ownerCookie: owner.cookie,
    withoutSession: async (route) => {
      const cookies = [undefined, '', 'better-auth.session_token=forged.c2ln', tampered(owner.cookie)]
      const tries = requestsOn(route).flatMap((request) => cookies.map((cookie) => ({ request, cookie })))
      return eachInTurn(tries, async ({ request, cookie }) => {
        const text = await (await sendAs(app.url, filled(request), cookie)).text()
        const { status, code } = JSON.parse(text) as { status?: number; code?: string }
        return status === 401 && code === 'unauthenticated'
          ? []
          : [`with the cookie ${String(cookie)}: ${text}`]
      })
    },
    withOwnSession: (route) => eachInTurn(requestsOn(route), withOwnSession),
    withUnknownIds: async () => {
      const byId = reads.filter((read) => idsIn(read).length > 0)
      if (byId.length === 0) return ['no request of proof.ts reads by a saved id']
      return eachInTurn(byId, async (read) => {
        const answerTo = async (id?: string) => {
          const ids = id === undefined ? values : Object.fromEntries(idsIn(read).map((name) => [name, id]))
          const response = await sendAs(app.url, fillRequest(read, ids), stranger.cookie)
          return JSON.stringify({ ...((await response.json()) as object), request_id: '' })
        }
        const foreign = await answerTo()
        const others = [await answerTo(randomUUID()), await answerTo('no-uuid-at-all')]
        return others.every((other) => other === foreign)
          ? []
          : [`${routeOf(read)}: ${foreign}, ${others.join()}`]
      })
    },
    withCursorOfOwner: async () => {
      const { path } = proof.row
      const first = await sendAs(app.url, { method: 'GET', path: `${path}?limit=1` }, owner.cookie)
      const { nextCursor } = (await first.json()) as { nextCursor: string }
      const next: ProofRequest = { method: 'GET', path: `${path}?cursor=${encodeURIComponent(nextCursor)}` }
      const ofOwner = await (await sendAs(app.url, next, owner.cookie)).text()
      if (!ofOwner.includes(older)) return [`the owner's cursor leads nowhere: ${ofOwner}`]
      const response = await sendAs(app.url, next, stranger.cookie)
      const text = await response.text()
      return response.status === 200 && shown(text).length === 0 ? [] : [text]
    },
  }
}

async function createRow(
  url: string,
  { path, body }: ProofRow,
  run: string,
  cookie: string,
): Promise<string> {
  const key = `${run}-${randomBytes(4).toString('hex')}`
  const response = await sendAs(url, { method: 'POST', path, body: body(key, run) }, cookie)
  return ((await response.json()) as { id: string }).id
}

function isSame(one: string[], other: string[]) {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** Another token under the signature of this one. */
function tampered(cookie: string) {
  return cookie.replace(/=(.)/, (_match, first) => (first === 'a' ? '=b' : '=a'))
}

async function eachInTurn<T>(items: readonly T[], work: (item: T) => Promise<string[]>): Promise<string[]> {
  const found: string[] = []
  for (const item of items) found.push(...(await work(item)))
  return found
}
