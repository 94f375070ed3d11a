import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A folder of `count` migrations that each create one table, as drizzle-kit would write it. */
export function writeSmallFiles(folder: string, count: number): void {
  mkdirSync(join(folder, 'meta'), { recursive: true })
  const entries = Array.from({ length: count }, (_, idx) => {
    const tag = `${String(idx).padStart(4, '0')}_table`
    writeFileSync(
      join(folder, `${tag}.sql`),
      `CREATE TABLE "t${idx}" ("id" integer PRIMARY KEY, "name" text NOT NULL);`,
    )
    return { idx, version: '7', when: 1_700_000_000_000 + idx * 1_000, tag, breakpoints: true }
  })
  const journal = { version: '7', dialect: 'postgresql', entries }
  writeFileSync(join(folder, 'meta', '_journal.json'), JSON.stringify(journal))
}
