import { describe, expect, it } from 'vitest'
import { entriesForTable, parseTableName } from '../../../../src/kit/backup/restore/table-entries.ts'

const listing = `;
; Archive created at 2026-11-22 15:16:44 UTC
;
6; 2615 16386 SCHEMA - drizzle owner
870; 1247 16389 TYPE public mood owner
230; 1259 16400 TABLE public child owner
3500; 0 0 ACL public TABLE child owner
231; 1259 16401 TABLE public TABLE DATA owner
3501; 0 16400 TABLE DATA public child owner
3502; 0 16401 TABLE DATA public child two owner
3503; 0 16402 MATERIALIZED VIEW DATA public summary owner
3504; 2606 16403 CONSTRAINT public child child_pkey owner
3505; 2606 16404 FK CONSTRAINT public child child_parent_fkey owner
3506; 2620 16405 TRIGGER public child refuse owner
3507; 0 0 BLOB METADATA - 4242 owner
3508; 0 0 BLOBS - BLOBS
`

describe('entries of one table', () => {
  it('are the structure, its own rows, and neither what joins nor what acts', () => {
    expect(entriesForTable(listing, { schema: 'public', name: 'child', owner: 'owner', rows: 1 })).toBe(
      [
        '6; 2615 16386 SCHEMA - drizzle owner',
        '870; 1247 16389 TYPE public mood owner',
        '230; 1259 16400 TABLE public child owner',
        '231; 1259 16401 TABLE public TABLE DATA owner',
        '3501; 0 16400 TABLE DATA public child owner',
        '3504; 2606 16403 CONSTRAINT public child child_pkey owner',
        '',
      ].join('\n'),
    )
  })

  it.each([
    ['parcels', { schema: 'public', name: 'parcels' }],
    ['drizzle.journal', { schema: 'drizzle', name: 'journal' }],
    ['public.parted.1', { schema: 'public', name: 'parted.1' }],
  ])('are of the table that %s names', (given, expected) => {
    expect(parseTableName(given)).toEqual(expected)
  })
})
