import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundleOf } from '../../support/bundles.ts'
import { backupTools } from './backup-tools.ts'
import { openOffsiteStage, type OffsiteStage } from './offsite-stage.ts'

const mebibyte = 1024 * 1024

describe.skipIf(backupTools === undefined)('progress of copies off-site', { timeout: 60_000 }, () => {
  let stage: OffsiteStage
  let slow: Record<string, string>

  beforeEach(async () => {
    stage = await openOffsiteStage()
    const folder = join(stage.folder, '../slow')
    await mkdir(folder)
    await writeFile(
      join(folder, 'rclone'),
      `#!/bin/sh\nexec '${backupTools ?? ''}/rclone' --bwlimit=512K "$@"\n`,
    )
    await chmod(join(folder, 'rclone'), 0o755)
    slow = { PATH: [folder, stage.env['PATH'] ?? ''].join(delimiter) }
  })
  afterEach(() => stage.close())

  /** What a terminal gets to see, with the erasing of a line readable. */
  const onTerminal = async (
    args: string[],
    more: Record<string, string>,
  ): Promise<{ code: number | null; shown: string }> => {
    const command = `'${process.execPath}' '${bundleOf('backup')}' ${args.join(' ')}`
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { BACKUP_ENCRYPTION: 'off', ...stage.env, ...more },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit') as Promise<[number | null]>
    const [[code], shown] = await Promise.all([ended, text(child.stdout)])
    return { code, shown: shown.replaceAll('\r\u001b[K', '<erased>') }
  }
  const line = (label: string): RegExp =>
    new RegExp(`<erased>${label}: [\\d.]+ [KM]iB of 1\\.5 MiB, \\d+ %, \\d+ s left, [\\d.]+ [KM]iB/s<erased>`)

  it('is shown on a terminal for both ways of a copy, and for a fetch', async () => {
    const name = await stage.makeBackup({ bytes: 1.5 * mebibyte })

    const copied = await onTerminal(['offsite', 'copy'], slow)
    const other = await stage.emptyFolder()
    const fetched = await onTerminal(['offsite', 'fetch', name], { ...slow, BACKUP_FOLDER: other })

    expect(copied.shown).toMatch(line('copy'))
    expect(copied.shown).toMatch(line('read back'))
    expect(copied.shown).toContain(`<erased>${name}: copied and read back`)
    expect(fetched.shown).toMatch(line('fetch'))
    expect(fetched.shown).toContain('<erased>fetched, every byte as it was sent')
    expect([copied.code, fetched.code]).toEqual([0, 0])
  })

  it('is not shown where standard error is no terminal', async () => {
    await stage.makeBackup({ bytes: mebibyte })

    expect(await stage.run(['offsite', 'copy'], slow)).toMatchObject({ code: 0, stderr: '' })
  })

  it('hides no fault', async () => {
    await stage.makeBackup({ bytes: mebibyte })
    stage.storage.answer(/^PUT .*database/, 403, 'AccessDenied')
    const { code, shown } = await onTerminal(['offsite', 'copy'], slow)

    expect(code).toBe(56)
    expect(shown).toContain('the off-site storage refuses the key')
  })
})
