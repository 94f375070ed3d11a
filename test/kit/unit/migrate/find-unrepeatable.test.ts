import { describe, expect, it } from 'vitest'
import { findUnrepeatable, refuseUnrepeatable } from '../../../../src/kit/migrate/find-unrepeatable.ts'

function fileOf(isTransactional: boolean, ...statements: string[]) {
  return {
    position: 1,
    tag: '0000_file',
    when: 1,
    hash: '',
    otherLineEndingHashes: [],
    statements,
    isTransactional,
  }
}

function outside(...statements: string[]) {
  return fileOf(false, '-- why\nCOMMIT;', ...statements)
}

describe('a file outside a transaction', () => {
  it.each([
    'CREATE INDEX CONCURRENTLY "a" ON "b" ("c");',
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "on" ON "b" ("c");',
    'CREATE TABLE IF NOT EXISTS "a" ();',
    'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1;',
    '-- why\nDROP INDEX CONCURRENTLY IF EXISTS "a";',
    `ALTER TYPE "rig" ADD VALUE IF NOT EXISTS 'yawl';`,
    'ALTER TABLE "a" VALIDATE CONSTRAINT "b";',
    'ALTER TABLE "a" ALTER COLUMN "b" SET NOT NULL, ALTER "c" SET DEFAULT 1, DROP COLUMN IF EXISTS "d";',
    'ALTER TABLE "a" ADD COLUMN IF NOT EXISTS "b" text;',
    'ALTER TABLE "a" DETACH PARTITION "b" CONCURRENTLY;',
    'ALTER TABLE "a" SET (fillfactor = 90);',
    'VACUUM ANALYZE "a";',
    'REINDEX INDEX CONCURRENTLY "a";',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY "a";',
    'COMMENT ON TABLE "a" IS $$UPDATE "a" SET b = 1;$$;',
    "SET statement_timeout = '1h';",
  ])('may hold %s', (statement) => {
    expect(findUnrepeatable(outside(statement))).toEqual([])
  })

  it.each([
    'UPDATE "a" SET "b" = "b" + 1;',
    'INSERT INTO "a" VALUES (1);',
    'INSERT INTO "a" VALUES (1) ON CONFLICT DO NOTHING;',
    'DELETE FROM "a" WHERE "b" = 1;',
    'MERGE INTO "a" USING "b" ON true WHEN MATCHED THEN DELETE;',
    'WITH x AS (UPDATE "a" SET "b" = "b" + 1 RETURNING 1) SELECT * FROM x;',
    'SELECT charge_everybody();',
    'DO $$ BEGIN UPDATE "a" SET "b" = "b" + 1; END $$;',
    'CALL charge();',
    'EXPLAIN ANALYZE UPDATE "a" SET "b" = "b" + 1;',
    'COPY "a" FROM stdin;',
    'TRUNCATE "a";',
    'CREATE TABLE "a" ();',
    'CREATE TABLE "a" AS SELECT \'if not exists\' AS "if not exists";',
    'CREATE INDEX CONCURRENTLY ON "b" ("c");',
    '/* why */ drop index concurrently "a";',
    `ALTER TYPE "rig" ADD VALUE 'yawl';`,
    'ALTER TABLE "a" ADD COLUMN "b" text;',
    'ALTER TABLE "a" DROP COLUMN IF EXISTS "b", ALTER COLUMN "c" TYPE int USING "c" * 2;',
    'ALTER TABLE "a" RENAME TO "b";',
    'ALTER SEQUENCE "s" RESTART WITH 1;',
    'VACUUM "a"; UPDATE "a" SET "b" = "b" + 1;',
    'COMMIT;',
    'BEGIN; UPDATE "a" SET "b" = 1; COMMIT;',
  ])('may not hold %s', (statement) => {
    expect(findUnrepeatable(outside(statement))[0]).toEqual({ statement: 2, line: 2 })
  })

  it('may hold what a reason was given for, for that statement alone', () => {
    const reason = '-- slipway:allow not-repeatable: lower() of lower() is the same\n'
    const update = 'UPDATE "a" SET "b" = lower("b");'

    expect(findUnrepeatable(outside(`${reason}${update}`))).toEqual([])
    expect(findUnrepeatable(outside(`${reason}${update}`, update))).toHaveLength(1)
    expect(findUnrepeatable(outside(`-- slipway:allow not-repeatable: ok\n${update}`))).toHaveLength(1)
  })
})

describe('a file in a transaction', () => {
  it('may hold anything but the end of its transaction', () => {
    expect(findUnrepeatable(fileOf(true, 'UPDATE "a" SET "b" = "b" + 1;'))).toEqual([])
    expect(findUnrepeatable(fileOf(true, 'SAVEPOINT s; ROLLBACK TO s;'))).toEqual([])
    expect(findUnrepeatable(fileOf(true, 'SELECT 1;', 'COMMIT;', 'SELECT 2;'))).toEqual([
      { statement: 2, line: 1 },
    ])
  })
})

describe('refuseUnrepeatable', () => {
  it('names file, statement and line', () => {
    expect(() => refuseUnrepeatable([outside('VACUUM "a";', '\nDELETE FROM "a";')])).toThrow(
      '0000_file: statement 3 (line 3) is committed by itself and cannot be repeated',
    )
  })
})
