import type { Sql } from 'postgres'

/** Every row of every table of ours, whatever their order. */
export async function fingerprint(sql: Sql): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') order by 1`
  const lines: string[] = []
  for (const { name } of tables) {
    const [row] = await sql.unsafe<{ rows: string; hash: string | null }[]>(
      `select count(*)::text as rows, sum(hashtextextended(t::text, 0))::text as hash from ${name} t`,
    )
    lines.push(`${name} ${row?.rows ?? ''} ${row?.hash ?? ''}`)
  }
  return lines.join('\n')
}
