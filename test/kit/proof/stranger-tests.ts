import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestApp } from '../support/test-app.ts'
import { guardedRoutes, type ProofSubject } from './proof-subject.ts'
import { openStrangers, routesOf, type Strangers } from './strangers.ts'

/** Tests that no user, and no client without a session, reaches the rows of another user. */
export function strangerTests({ open, proof }: ProofSubject): void {
  let app: TestApp
  let strangers: Strangers

  beforeAll(async () => {
    app = await open()
    strangers = await openStrangers(app, proof)
  })

  afterAll(() => app.close())

  describe('a stranger', () => {
    test('is tried on every route that takes a session: add what is missing to proof.ts', async () => {
      expect(routesOf(proof).toSorted()).toEqual((await guardedRoutes(app.url)).toSorted())
    })

    test.each(routesOf(proof))('without a session gets nowhere: %s', async (route) => {
      expect(await strangers.withoutSession(route)).toEqual([])
    })

    test.each(routesOf(proof))(
      'with a session of its own sees and changes no row of the owner: %s',
      async (route) => {
        expect(await strangers.withOwnSession(route)).toEqual([])
      },
    )

    test('cannot tell a foreign id from one that never was', async () => {
      expect(await strangers.withUnknownIds()).toEqual([])
    })

    test("cannot use a cursor to reach into the owner's list", async () => {
      expect(await strangers.withCursorOfOwner()).toEqual([])
    })

    test('who signed out is one at once', async () => {
      const { cookie } = await app.signUp()
      const me = () => fetch(`${app.url}/api/me`, { headers: { cookie } })

      const before = await me()
      const signOut = await fetch(`${app.url}/api/auth/sign-out`, {
        method: 'POST',
        headers: { cookie, origin: 'http://localhost:3000' },
      })
      const after = await me()

      expect([before.status, signOut.status, after.status]).toEqual([200, 200, 401])
    })
  })
}
