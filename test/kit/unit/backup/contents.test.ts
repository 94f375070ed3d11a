import { describe, expect, it } from 'vitest'
import { parseContents, refuseOtherContents } from '../../../../src/kit/backup/portable/contents.ts'

const listing = `;
; Archive created at 2026-11-22 03:15:00 UTC
;     dbname: slipway
;
215; 1259 16390 TABLE public parcels owner
3456; 0 16390 TABLE DATA public parcels owner
3457; 0 16399 TABLE DATA public Tab le."x" the owner
3460; 0 0 SEQUENCE SET public n_seq owner
`

function table(name: string, owner = 'owner') {
  return { schema: 'public', name, owner, rows: 1 }
}
const hostile = table('Tab le."x"', 'the owner')

describe('contents of a dump', () => {
  it('are the tables whose rows it holds', () => {
    expect([...parseContents(listing)]).toEqual(['public parcels owner', 'public Tab le."x" the owner'])
  })

  it('fit the tables that were counted', () => {
    expect(() => refuseOtherContents(parseContents(listing), [table('parcels'), hostile])).not.toThrow()
  })

  it('are refused when a table is missing', () => {
    expect(() =>
      refuseOtherContents(parseContents(listing), [table('parcels'), hostile, table('users')]),
    ).toThrow('missing: public users owner; not counted: none')
  })

  it('are refused when a table was not counted', () => {
    expect(() => refuseOtherContents(parseContents(listing), [hostile])).toThrow(
      'not counted: public parcels owner',
    )
  })
})
