import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyFolder, openArchivedServer, type ArchivedServer } from './archived-server.ts'
import { archiveNow } from './archive-now.ts'
import { slowEnginePath } from './slow-engine.ts'
import { continuousTools } from './tools.ts'

let server: ArchivedServer
let slow: Record<string, string>

describe.skipIf(continuousTools === undefined)('progress of a restore to a moment', () => {
  beforeAll(async () => {
    server = await openArchivedServer()
    slow = { PATH: await slowEnginePath(server) }
    expect(await server.backup(['base', '--full'])).toMatchObject({ code: 0 })
    const sql = server.connect()
    await archiveNow(server, sql)
    await sql.end()
  }, 60_000)
  afterAll(() => server.close())

  it('is shown on a terminal, by what has come of the cluster and its log, and is gone at the end', async () => {
    const folder = await emptyFolder(server, 'restored')

    const shown = await server.backupOnTerminal(['moment', '--at', 'latest'], {
      ...slow,
      BACKUP_DATA_FOLDER: folder,
    })

    expect(shown).toMatch(
      /<erased>restore: [\d.]+ MiB of about [\d.]+ MiB, \d+ %, about \d+ s left, [\d.]+ MiB\/s<erased>/,
    )
    expect(shown).toContain('<erased>restores ')
  }, 60_000)

  it('is not shown where standard error is no terminal', async () => {
    const folder = await emptyFolder(server, 'unseen')

    const { code, stderr } = await server.backup(['moment', '--at', 'latest'], {
      ...slow,
      BACKUP_DATA_FOLDER: folder,
    })

    expect(code, stderr).toBe(0)
    expect(stderr).not.toContain('\u001b')
  }, 60_000)
})
