import { z } from 'zod'
import type { Session } from '../../postgres/session.ts'

/** Properties of a cluster that new databases inherit or that cannot change later. */
export const clusterShapeSchema = z.object({
  encoding: z.string(),
  collate: z.string(),
  ctype: z.string(),
  /** c: C library, i: ICU, b: builtin. */
  localeProvider: z.string(),
  locale: z.string().nullable(),
  segmentMb: z.int(),
})

type ClusterShape = z.infer<typeof clusterShapeSchema>

// to_jsonb, because the locale column has different names in different majors.
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

/** Returns the arguments of initdb. Page checksums are always on; TCP connections need a password. */
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
