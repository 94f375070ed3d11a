import { describe, expect, test } from 'vitest'
import type { UsedTable } from '../../../../src/kit/db/app-privileges.ts'
import { lackingPrivileges } from '../../../../src/kit/migrate/lacking-privileges.ts'
import { rehearse, type RehearsalReport } from '../../../../src/kit/migrate/rehearse/rehearse.ts'
import { renderReport } from '../../../../src/kit/migrate/rehearse/render-report.ts'
import { breakpoint, createMigrationFolder, outsideTransaction } from './support/migration-folder.ts'
import { openMigratorDatabase } from './support/migrator-database.ts'
import { runLimits } from '../../support/run-limits.ts'

const rows = 3_000
const limits = { mostRows: 1_000, longestWaitMs: 5_000 }

const base = `
  CREATE TYPE mood AS ENUM ('sad', 'ok');${breakpoint}
  CREATE TABLE "Cust omers" (
    id uuid PRIMARY KEY, email text NOT NULL UNIQUE, code varchar(3) NOT NULL, mood mood NOT NULL, born date,
    price numeric(4, 2) NOT NULL, settings jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'array'),
    joined timestamptz NOT NULL DEFAULT now(), loud text GENERATED ALWAYS AS (upper(email)) STORED);${breakpoint}
  CREATE TABLE trips (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, customer_id uuid NOT NULL REFERENCES "Cust omers" (id),
    status text NOT NULL CHECK (status IN ('draft', 'planned')), notes text, stars int CHECK (stars BETWEEN 1 AND 5));${breakpoint}
  CREATE TABLE wishes (customer_id uuid PRIMARY KEY REFERENCES "Cust omers" (id), trip_id bigint REFERENCES trips (id))`

/** What the code of the API uses. */
const usedTables: UsedTable[] = [
  { schema: null, name: 'settings', columns: ['id'], privileges: ['SELECT', 'DELETE'] },
]

function run(...files: string[]): Promise<RehearsalReport> {
  return runWith(rows, ...files)
}

async function runWith(rows: number, ...files: string[]): Promise<RehearsalReport> {
  const database = await openMigratorDatabase()
  const named = files.map((sql, index): [string, string] => [`000${index + 1}_new`, sql])
  const folder = createMigrationFolder({ '0000_base': base, ...Object.fromEntries(named) })
  const urls = {
    admin: database.urlFor('postgres'),
    migrator: database.urlFor('migrator'),
    app: database.urlFor('app'),
  }
  const lacking = () => lackingPrivileges({ ...runLimits, url: urls.migrator }, usedTables)
  return rehearse({ urls, folder, isNew: (tag) => tag.endsWith('_new'), rows, limits, lacking })
}

function rulesOf(report: RehearsalReport) {
  return report.files.flatMap(({ objections }) =>
    objections.map(({ rule, statement }) => `${rule} ${statement ?? 'file'}`),
  )
}

describe('rehearsal', () => {
  test('passes what only changes the catalog, with every table under traffic', async () => {
    const report = await run(`ALTER TABLE trips ADD COLUMN colour text DEFAULT 'red' NOT NULL`)

    const [file] = report.files
    expect(report.isRefused).toBe(false)
    expect(file?.skipped).toEqual([])
    expect(file?.operations).toBeGreaterThan(20)
    expect(file?.statements).toMatchObject([
      {
        statement: 1,
        locks: [{ table: 'public.trips', mode: 'AccessExclusiveLock' }],
        rewritten: [],
        trafficErrors: 0,
      },
    ])
    expect(file?.catalogAdded).toEqual(["column public.trips.colour text not null default 'red'::text"])
    expect(file?.catalogRemoved).toEqual([])
  })

  test('refuses a new table on which the role of the API lacks a right that the code uses', async () => {
    const report = await run(
      `CREATE TABLE settings (id int PRIMARY KEY);${breakpoint}
       REVOKE DELETE ON settings FROM app`,
    )

    expect(report).toMatchObject({
      isRefused: true,
      lacking: ['DELETE on table public.settings'],
    })
    expect(renderReport(report)).toMatch(/lacks DELETE on table public\.settings: .*\n {2}hint: GRANT/)
  })

  test('refuses a rewrite, a scan that keeps writers out, and a change of too many rows', async () => {
    const report = await run(
      [
        'ALTER TABLE trips ADD COLUMN token uuid DEFAULT gen_random_uuid()',
        'ALTER TABLE trips ADD CONSTRAINT c CHECK (id > 0)',
        'UPDATE trips SET notes = status',
      ].join(`;${breakpoint}`),
    )

    expect(report.isRefused).toBe(true)
    expect(rulesOf(report)).toEqual([
      'rehearsal-rewrite 1',
      'rehearsal-scan 2',
      'rehearsal-scan 3',
      'rehearsal-rows 3',
    ])
    expect(report.files[0]?.statements[2]?.changed).toEqual([{ table: 'public.trips', rows: rows - 100 }])
  })

  test('lets VALIDATE CONSTRAINT scan, since writers go on', async () => {
    const report = await run(
      'ALTER TABLE trips ADD CONSTRAINT c CHECK (id > 0) NOT VALID',
      'ALTER TABLE trips VALIDATE CONSTRAINT c',
    )

    expect(report.isRefused).toBe(false)
    expect(report.files[1]?.statements[0]?.scanned).toEqual([
      { table: 'public.trips', rows: rows - 100, blocking: false },
    ])
  })

  test('sees what the running version sees: columns gone, rows hidden, inserts refused', async () => {
    const report = await run(
      'ALTER TABLE trips RENAME COLUMN notes TO remarks',
      'ALTER TABLE "Cust omers" ENABLE ROW LEVEL SECURITY',
      `ALTER TABLE wishes ADD COLUMN why text NOT NULL DEFAULT 'x'; ALTER TABLE wishes ALTER COLUMN why DROP DEFAULT`,
    )

    const [renamed, hidden, demanding] = report.files.map(({ objections }) =>
      objections.map(({ sentence }) => sentence).join('\n'),
    )
    expect(renamed).toMatch(/reads of public\.trips fail with 42703/)
    expect(renamed).toMatch(/updates of public\.trips fail with 42703/)
    expect(hidden).toMatch(/reads of public\."Cust omers" miss rows that are there/)
    expect(demanding).toMatch(/inserts of public\.wishes fail with 23502/)
    expect(demanding).not.toMatch(/reads of/)
  })

  test('runs concurrent statements outside a transaction and sees their locks from another connection', async () => {
    const report = await runWith(
      20_000,
      `${outsideTransaction}CREATE INDEX CONCURRENTLY trips_status_idx ON trips (status);${breakpoint}UPDATE trips SET notes = 'x'`,
    )

    expect(rulesOf(report)).toEqual(['rehearsal-rows 3'])
    expect(report.files[0]?.statements[0]?.locks).toContainEqual({
      table: 'public.trips',
      mode: 'ShareUpdateExclusiveLock',
    })
    expect(report.files[0]?.catalogAdded).toEqual([
      'index CREATE INDEX trips_status_idx ON public.trips USING btree (status)',
    ])
  })

  test('stops at a file that fails on rows as they are, and says where', async () => {
    const report = await run(
      `SELECT 1;${breakpoint}ALTER TABLE trips ALTER COLUMN notes SET NOT NULL`,
      'ALTER TABLE trips ADD COLUMN never text',
    )

    expect(report.files).toHaveLength(1)
    expect(report.files[0]?.statements[1]?.error).toBe('23502')
    expect(rulesOf(report)).toEqual(['rehearsal-failed 2'])
    expect(report.files[0]?.catalogAdded).toEqual([])
  })

  test('shows and does not refuse what the file acknowledges with a reason', async () => {
    const report = await run(
      '-- slipway:allow drop-column: nothing has read it since release 12\nALTER TABLE trips DROP COLUMN notes',
    )

    expect(report.isRefused).toBe(false)
    expect(renderReport(report)).toMatch(
      /acknowledged\[rehearsal-traffic\] reads of public\.trips fail with 42703/,
    )
  })

  test('leaves out a table whose rows it cannot make, and says so', async () => {
    const report = await run(
      'CREATE TABLE odd (id int PRIMARY KEY, n int NOT NULL CHECK (n * n = 1234321 AND n < 0))',
      'ALTER TABLE odd ADD COLUMN b text',
    )

    expect(report.isRefused).toBe(false)
    expect(report.files[1]?.skipped).toEqual(['public.odd: 23514 by odd_n_check'])
  })
})
