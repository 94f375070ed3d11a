import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { repetitions } from '../../support/repetitions.ts'
import { afterBase } from './after-base.ts'
import { archiveNow } from './archive-now.ts'
import { emptyFolder, openArchivedServer, type ArchivedServer } from './archived-server.ts'
import { readRestored } from './read-restored.ts'
import { continuousTools } from './tools.ts'

const count = repetitions(2, 20)
const rows = 200

let server: ArchivedServer
/** When each row was committed, by the server's own note, as it prints microseconds. */
let commits: { i: number; at: string }[]

describe.skipIf(continuousTools === undefined)('random moments', () => {
  beforeAll(async () => {
    server = await openArchivedServer()
    const sql = server.connect()
    await sql`create table steps (i int)`
    expect(await server.backup(['base', '--full'])).toMatchObject({ code: 0 })
    await afterBase()
    for (let i = 1; i <= rows; i += 1) await sql`insert into steps values (${i})`
    await archiveNow(server, sql)
    commits = await sql<{ i: number; at: string }[]>`
      select i, pg_xact_commit_timestamp(xmin)::text as at from steps order by i`
    await sql.end()
  }, 60_000)
  afterAll(() => server.close())

  it(
    `restored to the moment of a commit, ${count} times › hold exactly the rows committed before it`,
    async () => {
      for (let run = 0; run < count; run += 1) {
        const chosen = commits[randomInt(1, rows)]
        if (chosen === undefined) throw new Error('no commit was chosen')
        const folder = await emptyFolder(server, 'restored')
        const ended = await server.backup(['moment', '--at', chosen.at], { BACKUP_DATA_FOLDER: folder })
        expect(ended, ended.stderr).toMatchObject({ code: 0 })

        const there = await readRestored(
          server,
          folder,
          (sql) => sql<{ i: number }[]>`select i from steps order by i`,
        )

        process.stdout.write(`just before row ${chosen.i}, committed at ${chosen.at}: ${there.length} rows\n`)
        expect(there.map(({ i }) => i)).toEqual(commits.filter(({ i }) => i < chosen.i).map(({ i }) => i))
      }
    },
    count * 90_000,
  )
})
