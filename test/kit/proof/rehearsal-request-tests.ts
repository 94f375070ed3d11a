import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRequestProbe } from '../../../src/kit/bin/open-request-probe.ts'
import type { Mounted } from '../../../src/kit/bin/start-server.ts'
import type { Answer } from '../../../src/kit/migrate/rehearse/request-probe.ts'
import type { TestApp } from '../support/test-app.ts'
import { guardedRoutes, requestsOf, routeOf, type ProofSubject } from './proof-subject.ts'

/** Tests that the requests of proof.ts work and miss no operation; without `mounted` on the application of src/app. */
export function rehearsalRequestTests({ open, proof }: ProofSubject, mounted?: Mounted): void {
  let app: TestApp
  let answers: Answer[]

  beforeAll(async () => {
    app = await open()
    answers = await openRequestProbe(app.database.urlFor('app'), proof.requests, mounted).run()
  })

  afterAll(() => app.close())

  describe('the requests of the rehearsal', () => {
    test('succeed once at least for every operation of a user: put the missing ones into proof.ts', async () => {
      const succeeded = proof.requests
        .filter((_, index) => (answers[index]?.status ?? 500) < 300)
        .map(routeOf)

      expect((await guardedRoutes(app.url)).filter((route) => !succeeded.includes(route))).toEqual([])
    })

    test('are of operations that the API has, but for those of Better Auth', async () => {
      const routes = await guardedRoutes(app.url)

      expect(
        requestsOf(proof)
          .map(routeOf)
          .filter((route) => !routes.includes(route)),
      ).toEqual([])
    })
  })
}
