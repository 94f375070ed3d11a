import {
  authFlowTestSuite,
  caseInsensitiveTestSuite,
  joinsTestSuite,
  normalTestSuite,
  testAdapter,
  transactionsTestSuite,
} from '@better-auth/test-utils/adapter'
import { vi } from 'vitest'
import { createAuthAdapter } from '../../../../src/kit/auth/create-auth-adapter.ts'
import { openDatabase } from '../../../../src/kit/db/open-database.ts'
import { createTestDatabase } from '../../support/test-database.ts'
import { poolSettings } from '../../support/pool-settings.ts'

// Better Auth's own adapter suites, on our tables as our migrations leave them. Switched off are exactly the tests that
// ask for another schema than ours, because they would try Better Auth's schema generator and not these tables.

/** They invent a column of `user`. */
const wantAnotherColumn = [
  'create - should apply default values to fields',
  'findOne - should not apply defaultValue if value not found',
  'findOne - should find a model with additional fields',
  'findMany - should find many with join and sortBy',
  'findMany - should find many models with sortBy',
  'findMany - should find many models with sortBy and offset',
  'findMany - should find many models with sortBy and limit',
  'findMany - should find many models with sortBy and limit and offset',
  'findMany - should find many models with sortBy and limit and offset and where',
  'deleteMany - should delete many models with numeric values',
] as const

/** They invent a table, by a plugin. */
const wantAnotherTable = [
  'create - should return null for nullable foreign keys',
  'create - should support arrays',
  'create - should support json',
  'findOne - should select fields with one-to-one join',
  'findOne - should return an object for one-to-one joins',
  'findOne - should work with both one-to-one and one-to-many joins',
  'findOne - should return null for failed base model lookup that has joins',
  'findOne - should join a model with modified field name',
  "findOne - should return null for one-to-one join when joined record doesn't exist",
  'findOne - multiple joins should return result even when some joined tables have no matching rows',
  'findMany - should select fields with one-to-one join',
  'findMany - should find many with one-to-one join',
  'findMany - should find many with both one-to-one and one-to-many joins',
  "findMany - should return empty array when base records don't exist with joins",
  "findMany - should return null for one-to-one join when joined records don't exist",
  'findMany - should handle mixed joins correctly when some are missing',
] as const

/** They call a table or a column by another name. */
const wantAnotherName = [
  'findOne - should find a model with modified field name',
  'findOne - should find a model with modified model name',
  'findOne - backwards join with modified field name (session base, users-table join)',
] as const

/** It leaves its options behind, and every later row would get the same id; we use Better Auth's own ids. */
const leavesAnotherIdGenerator = ['create - should use generateId if provided'] as const

function off<const Name extends string>(names: readonly Name[]) {
  return Object.fromEntries(names.map((name) => [name, true])) as Record<Name, true>
}

const otherSchema = off([...wantAnotherColumn, ...wantAnotherTable, ...wantAnotherName])

// The suites narrate every step; a failed assertion says enough.
for (const name of ['log', 'warn'] as const) vi.spyOn(console, name).mockImplementation(() => undefined)

const database = await createTestDatabase()
const { db, close } = openDatabase({ ...poolSettings, url: database.urlFor('app') })

const { execute } = await testAdapter({
  adapter: () => createAuthAdapter(db),
  runMigrations: () => undefined,
  tests: [
    normalTestSuite({ disableTests: { ...otherSchema, ...off(leavesAnotherIdGenerator) } }),
    authFlowTestSuite({ disableTests: off(['should sign up with additional fields']) }),
    transactionsTestSuite(),
    caseInsensitiveTestSuite(),
    joinsTestSuite({ disableTests: otherSchema }),
  ],
  onFinish: async () => {
    await close()
    await database.close()
  },
})
execute()
