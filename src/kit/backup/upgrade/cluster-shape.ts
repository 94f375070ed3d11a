import { z } from 'zod'
import type { Session } from '../../postgres/session.ts'

/** What a new database of this cluster is like, and what cannot be changed once a cluster is made. */
export const clusterShapeSchema = z.object({
  encoding: z.string(),
  collate: z.string(),
  ctype: z.string(),
  /** c: the C library's, i: ICU's, b: PostgreSQL's own. */
  localeProvider: z.string(),
  locale: z.string().nullable(),
  segmentMb: z.int(),
})

type ClusterShape = z.infer<typeof clusterShapeSchema>

// Through to_jsonb, because the column of the locale has another name in every other major.
export async function readClusterShape(session: Session): Promise<ClusterShape> {
  const [row] = await session<ClusterShape[]>`
    select pg_encoding_to_char(encoding) as encoding, datcollate as collate, datctype as ctype,
      datlocprovider as "localeProvider",
      coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') as locale,
      (pg_size_bytes(current_setting('wal_segment_size')) / 1048576)::int as "segmentMb"
    from pg_database d where datname = 'template1'`
  if (row === undefined) throw new Error('pg_database does not list template1')
  return row
}

function providerArguments({ localeProvider, locale }: ClusterShape): string[] {
  if (localeProvider === 'c' || locale === null) return []
  return localeProvider === 'i'
    ? ['--locale-provider=icu', `--icu-locale=${locale}`]
    : ['--locale-provider=builtin', `--builtin-locale=${locale}`]
}

/** For initdb; checksums of pages are on in every case. Over the network everybody proves a password, as in the old one. */
export function initdbArguments(shape: ClusterShape): string[] {
  return [
    '--auth-local=peer',
    '--auth-host=scram-sha-256',
    `--encoding=${shape.encoding}`,
    `--lc-collate=${shape.collate}`,
    `--lc-ctype=${shape.ctype}`,
    ...providerArguments(shape),
    `--wal-segsize=${shape.segmentMb}`,
  ]
}
