import { readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgres18Tools, postgresTools } from './postgres-tools.ts'
import { openUpgradeStage, type UpgradeStage } from './upgrade-stage.ts'

const newTools = postgres18Tools ?? ''

const plain = { encoding: 'UTF8', ctype: 'C.UTF-8', localeProvider: 'c', locale: null, segmentMb: 16 }

/** As a drill writes it beside a backup. */
function proofOf(subject: string, provenAt: string): string {
  return JSON.stringify({
    ...{ ok: true, kind: 'portable', subject, provenAt, rtoSeconds: 1, rpoSeconds: 1 },
    ...{ comparedTables: 1, report: 'r' },
  })
}

describe.skipIf(postgres18Tools === undefined || postgresTools === undefined)(
  'the plan of an upgrade',
  () => {
    let at: UpgradeStage
    let backup: string
    let facts: string
    const now = new Date().toISOString()

    const checked = (change: Record<string, unknown>) => {
      const known = JSON.parse(facts) as Record<string, unknown>
      return at.check(JSON.stringify({ ...known, provenAt: now, ...change }))
    }

    beforeAll(async () => {
      at = await openUpgradeStage(postgresTools ?? '', newTools)
      const created = await at.backup(postgresTools ?? '')
      expect(created).toMatchObject({ code: 0 })
      backup = join(at.backups, created.stdout)
      facts = (await at.facts()).stdout
    }, 120_000)

    afterAll(() => at.close())

    it('knows of the old server what an ordinary role may see, and the proof of the newest sound backup', async () => {
      expect(JSON.parse(facts)).toMatchObject({
        databases: [{ name: 'beside' }, { name: `li"ve 50%` }],
        extensions: [{ name: 'pgcrypto' }, { name: 'plpgsql' }],
        preparedTransactions: 0,
        shape: { encoding: 'UTF8', collate: 'C.UTF-8', segmentMb: 16 },
        provenAt: null,
      })
      await writeFile(join(backup, 'proof.json'), proofOf('b', now))

      expect(JSON.parse((await at.facts()).stdout)).toMatchObject({ provenAt: now })

      const dump = (await readdir(backup)).find((name) => name.startsWith('database.dump')) ?? ''
      await truncate(join(backup, dump), 100)
      expect(JSON.parse((await at.facts()).stdout)).toMatchObject({ provenAt: null })
    })

    it('names both versions, what is copied and what it needs, and leaves nothing in the folder', async () => {
      const ended = await checked({ staysBehind: ['slipway_before_20261122t090000z'] })

      expect(ended).toMatchObject({ code: 0 })
      expect(ended.stdout).toMatch(
        /^upgrades {2}PostgreSQL 17\.\S+ to 18\.\S+, into a new volume\ncopies {4}beside .*, li"ve 50% .*\nneeds {5}up to .* free\n/,
      )
      expect(ended.stdout).toContain(
        'leaves    slipway_before_20261122t090000z, which a restore has set aside',
      )
      expect(await at.leftovers()).toEqual([])
    })

    it.each([
      ['a backup that was never proven', { provenAt: null }, 54, 'no backup was proven'],
      ['the same major', { serverVersion: '18.1' }, 52, 'is of PostgreSQL 18.1 already'],
      [
        'an extension that the new server lacks',
        { extensions: [{ name: 'postgis', version: '3' }] },
        52,
        'extension postgis',
      ],
      [
        'data for which there is no room',
        { databases: [{ name: 'a', bytes: 2 ** 50 }] },
        51,
        'twice the data',
      ],
      ['prepared transactions', { preparedTransactions: 1 }, 54, '1 prepared'],
      ['tablespaces', { tablespaces: ['fast'] }, 54, 'tablespace fast'],
      [
        'a locale that the new image lacks',
        { shape: { ...plain, collate: 'xx_YY.UTF-8' } },
        1,
        'no cluster could be made',
      ],
    ])('refuses %s', async (_, change, code, says) => {
      expect(await checked(change)).toMatchObject({ code, stderr: expect.stringContaining(says) as string })
      expect(await at.leftovers()).toEqual([])
    })
  },
)
