import { describe, expect, it } from 'vitest'
import type { ListedArchive } from '../../../../src/kit/backup/list/describe-archives.ts'
import type { ListedBackup, ListedBackups } from '../../../../src/kit/backup/list/describe-backups.ts'
import { portableLines, renderBackups } from '../../../../src/kit/backup/list/list-text.ts'

const now = new Date('2026-11-22T12:00:00.000Z')
const proof = {
  ok: true as const,
  provenAt: '2026-11-22T09:00:00.000Z',
  kind: 'portable' as const,
  subject: 'x',
  rtoSeconds: 1,
  rpoSeconds: 1,
  comparedTables: 1,
  report: 'drills/x',
}

function backup(more: Partial<ListedBackup> = {}): ListedBackup {
  return {
    name: '20261122T113000Z-a1b2c3',
    createdAt: '2026-11-22T11:30:00.000Z',
    ageSeconds: 1_800,
    bytes: 28_800,
    durationMs: 1_500,
    reason: 'scheduled',
    isEncrypted: true,
    fault: null,
    proof: null,
    failedDrill: null,
    isSchemaProven: false,
    copies: ['here'],
    ...more,
  }
}
const base = {
  label: '20261122-023012F_20261123-023012I',
  startedAt: '2026-11-22T02:30:12.000Z',
  endedAt: '2026-11-22T02:30:24.000Z',
  clusterBytes: 8e6,
  storedBytes: 3.1 * 1024 * 1024,
}
const continuous: ListedBackups['continuous'] = {
  observedAt: '2026-11-22T11:59:00.000Z',
  repositories: [
    { name: 'repo1', incremental: base, bases: 8, oldestMoment: '2026-11-08T02:30:12.000Z' },
    {
      name: 'repo2',
      bases: 1,
      gapSince: '2026-11-22T01:00:00.000Z',
      oldestMoment: '2026-11-20T02:30:12.000Z',
    },
  ],
  proof: null,
}

const archive = {
  name: '20261122T113000Z-00000a',
  createdAt: '2026-11-22T11:30:00.000Z',
  ageSeconds: 1_800,
  bytes: 100_864,
  fault: null,
}
const old = { ...archive, name: '20260922T113000Z-00000b', createdAt: '2026-09-22T11:30:00.000Z' }
const configuration: ListedArchive[] = [
  { ...archive, copies: ['here', 'offsite'] },
  { ...old, fault: 'its checksum is another one', copies: ['here'] },
]

describe('make backups', () => {
  it('shows both kinds in columns', () => {
    const portable = [
      backup({ proof, copies: ['here', 'offsite'], reason: 'before_migration' }),
      backup({ name: '20261122T103000Z-a1b2c3', fault: 'database.dump is missing' }),
    ]

    expect(renderBackups({ portable, continuous, configuration }, now)).toBe(
      [
        'PORTABLE                 AGE     SIZE      TOOK   REASON            PROVEN   COPIES',
        '20261122T113000Z-a1b2c3  30 min  28.1 KiB  1.5 s  before_migration  3 h ago  here, offsite',
        '20261122T103000Z-a1b2c3  30 min  28.1 KiB  1.5 s  scheduled         DAMAGED  here',
        '  damaged: database.dump is missing',
        '',
        'CONTINUOUS                         AGE  SIZE     TOOK    TYPE         COPY',
        '20261122-023012F_20261123-023012I  9 h  3.1 MiB  12.0 s  incremental  here',
        '  here: 8 base backups, any moment since 2026-11-08 02:30:12+00',
        '  offsite: 1 base backup, any moment since 2026-11-20 02:30:12+00, GAP since 2026-11-22 01:00:00+00',
        '  proven: no',
        '',
        'CONFIGURATION            AGE     SIZE      COPIES',
        '20261122T113000Z-00000a  30 min  98.5 KiB  here, offsite',
        '20260922T113000Z-00000b  61 d    DAMAGED   here',
        '  damaged: its checksum is another one',
      ].join('\n'),
    )
  })

  it('says which restore, which do not, and of which nobody knows', () => {
    const failedDrill = {
      failedAt: '2026-11-22T11:00:00.000Z',
      sentence: 'function tidy(text) does not exist',
    }
    const portable = [
      backup({ isSchemaProven: true }),
      backup({ failedDrill, isSchemaProven: true, proof }),
      backup(),
    ]

    const lines = portableLines(portable, now)

    expect(lines[1]).toContain(' its schema ')
    expect(lines[2]).toContain(' DOES NOT RESTORE ')
    expect(lines[3]).toBe('  does not restore: function tidy(text) does not exist')
    expect(lines[4]).toContain(' not yet proven ')
  })

  it('says what is wrong with a repository, and what to do', () => {
    const fault = 'repo2 of the archive cannot be read: the off-site storage refuses the key'
    const [here] = continuous.repositories
    const away = { name: 'repo2' as const, bases: 0, fault, hint: 'compare the two files of the key' }
    const repositories = here === undefined ? [away] : [here, away]

    expect(
      renderBackups({ portable: [], continuous: { ...continuous, repositories }, configuration: [] }, now),
    ).toContain(
      [
        '  here: 8 base backups, any moment since 2026-11-08 02:30:12+00',
        `  offsite: ${fault}`,
        '    hint: compare the two files of the key',
        '  proven: no',
      ].join('\n'),
    )
  })

  it('fits into 100 columns at its widest', () => {
    const widest = backup({
      reason: 'before_migration',
      bytes: 1023.9 * 1024 ** 3,
      durationMs: 86_400_000,
      createdAt: '2025-11-22T11:30:00.000Z',
      proof: { ...proof, provenAt: '2025-11-22T11:30:00.000Z' },
      copies: ['here', 'offsite'],
    })

    const lines = renderBackups({ portable: [widest], continuous, configuration }, now).split('\n')

    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  it('says what to do when there is none', () => {
    expect(renderBackups({ portable: [], continuous: null, configuration: [] }, now)).toBe(
      'PORTABLE\nnone yet: make backup\n\nCONTINUOUS\noff, or not looked at yet (ARCHIVE in .env)\n\nCONFIGURATION\nnone yet: make backup-config',
    )
  })
})
