import { eq } from 'drizzle-orm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createRouter } from '#kit/router'
import { userGuards } from '#kit/user-guards'
import { application } from '../../fixture/app.ts'
import { openFixtureApp } from '../../fixture/open-fixture-app.ts'
import { proof } from '../../fixture/proof.ts'
import { createParcelRoutes } from '../../fixture/routes.ts'
import { parcels } from '../../fixture/schema.ts'
import { strangerTests } from '../../proof/stranger-tests.ts'
import { openStrangers } from '../../proof/strangers.ts'
import { openTestApp, type TestSubject } from '../../support/test-app.ts'

strangerTests({ open: openFixtureApp, proof })

/** Reads and deletes the rows of every user, and lists them without a session. */
const leaky: TestSubject = {
  name: 'fixture',
  application: {
    ...application,
    mount: (router, deps) => {
      const { user } = userGuards(deps)
      const routes = createRouter()
      const isParcel = (id: string) => eq(parcels.id, id)
      routes.get('/', async (c) => c.json({ items: await deps.db.select().from(parcels), nextCursor: null }))
      routes.get('/:id', user, async (c) => {
        const [row = null] = await deps.db
          .select()
          .from(parcels)
          .where(isParcel(c.req.param('id')))
        return c.json(row)
      })
      routes.delete('/:id', user, async (c) => {
        await deps.db.delete(parcels).where(isParcel(c.req.param('id')))
        return c.body(null, 404)
      })
      return router.route('/api/parcels', routes).route('/api/parcels', createParcelRoutes(deps))
    },
  },
}

describe('the check of strangers', () => {
  test('finds rows that are shown, deleted, and reached without a session or by a cursor', async () => {
    const app = await openTestApp(leaky)
    onTestFinished(() => app.close())
    const strangers = await openStrangers(app, proof)

    const found = {
      withoutSession: await strangers.withoutSession('GET /api/parcels'),
      shown: await strangers.withOwnSession('GET /api/parcels/{id}'),
      unknownIds: await strangers.withUnknownIds(),
      cursor: await strangers.withCursorOfOwner(),
      deleted: await strangers.withOwnSession('DELETE /api/parcels/{id}'),
    }

    expect(Object.entries(found).filter(([, sentences]) => sentences.length === 0)).toEqual([])
    expect(found.shown.join()).toMatch(/answers 200.*shows [0-9a-f]{16} of the owner/s)
    expect(found.deleted).toContain('changes what the owner sees')
  })
})
