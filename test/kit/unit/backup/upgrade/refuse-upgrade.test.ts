import { describe, expect, it } from 'vitest'
import { refuseUnproven, refuseUpgrade } from '../../../../../src/kit/backup/upgrade/refuse-upgrade.ts'
import type { UpgradeFacts } from '../../../../../src/kit/backup/upgrade/upgrade-facts.ts'

const gibibyte = 1024 ** 3

const facts: UpgradeFacts = {
  serverVersion: '16.10',
  databases: [
    { name: 'slipway', bytes: gibibyte },
    { name: 'beside', bytes: gibibyte },
  ],
  staysBehind: [],
  extensions: [{ name: 'pgcrypto', version: '1.3' }],
  preparedTransactions: 0,
  tablespaces: [],
  slots: [],
  shape: {
    encoding: 'UTF8',
    collate: 'C.UTF-8',
    ctype: 'C.UTF-8',
    localeProvider: 'c',
    locale: null,
    segmentMb: 16,
  },
  provenAt: '2026-11-22T09:00:00.000Z',
}
const server = { version: '17.11', extensions: ['plpgsql', 'pgcrypto'], freeBytes: 5 * gibibyte }

describe('an upgrade', () => {
  it('goes from 16 to 17 when everything is there', () => {
    expect(() => refuseUpgrade(17, facts, server)).not.toThrow()
  })

  it.each([
    { what: 'the major that runs', to: 17, from: '17.2', says: 'is of PostgreSQL 17.2 already' },
    { what: 'an earlier one', to: 17, from: '18.1', says: 'an upgrade goes to a later major (got 17)' },
    {
      what: 'one that the image does not have',
      to: 18,
      from: '16.10',
      says: 'the new image has PostgreSQL 17.11',
    },
  ])('refuses $what', ({ to, from, says }) => {
    expect(() => refuseUpgrade(to, { ...facts, serverVersion: from }, server)).toThrow(says)
  })

  it('names the extension that the new server lacks', () => {
    const wanted = { ...facts, extensions: [...facts.extensions, { name: 'postgis', version: '3.4' }] }

    expect(() => refuseUpgrade(17, wanted, server)).toThrow('does not have extension postgis')
  })

  it('names all that no dump carries over', () => {
    const more = { ...facts, preparedTransactions: 2, tablespaces: ['fast disk'], slots: ['reader'] }

    expect(() => refuseUpgrade(17, more, server)).toThrow(
      '2 prepared transactions, tablespace fast disk, replication slot reader',
    )
  })

  it('wants room for twice the data of all databases', () => {
    expect(() => refuseUpgrade(17, facts, { ...server, freeBytes: 4 * gibibyte })).toThrow(
      'has 4.0 GiB free, and twice the data is 4.3 GiB',
    )
  })

  it('wants a backup that was proven within the day', () => {
    const until = new Date('2026-11-23T08:59:59Z')
    const after = new Date('2026-11-23T09:00:00Z')

    expect(() => refuseUnproven(facts, until)).not.toThrow()
    expect(() => refuseUnproven(facts, after)).toThrow('no backup was proven within the last day')
    expect(() => refuseUnproven({ ...facts, provenAt: null }, until)).toThrow('none ever')
  })
})
