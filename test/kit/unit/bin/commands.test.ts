import { execFile } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { compileCache } from '../../support/compile-cache.ts'

interface Ended {
  code: number | string | null
  stdout: string
  stderr: string
}

/** Without any setting: help and wrong arguments must not need one. */
function start(command: string, args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...compileCache, PATH: process.env['PATH'] }, timeout: 60_000 }
    execFile(process.execPath, [`src/kit/bin/${command}.ts`, ...args], options, (err, stdout, stderr) =>
      resolve({ code: err?.code ?? 0, stdout, stderr }),
    )
  })
}

/** The processes in bin that take no arguments from a person: services, and probes with arguments of the kit's own. */
const commands: [command: string, name: string][] = [
  ['backup', 'backup'],
  ['migrate', 'migrate'],
  ['backfill', 'backfill'],
  ['lint-migrations', 'lint-migrations'],
  ['rehearse', 'rehearse'],
  ['generate-migration', 'npm run db:generate --'],
  ['drill', 'drill'],
  ['seed', 'seed'],
]

describe('every command', { timeout: 60_000 }, () => {
  it.concurrent.each(commands)('%s --help › usage on standard output, exit 0', async (command, name) => {
    const { code, stdout, stderr } = await start(command, ['--help'])

    expect(stdout).toMatch(/exit codes: docs\/reference\/exit-codes\.md\n$/)
    expect(stdout.startsWith(`usage: ${name}`)).toBe(true)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it.concurrent.each(commands)(
    '%s --astern › the error and the usage on standard error, exit 2',
    async (command, name) => {
      const { code, stdout, stderr } = await start(command, ['--astern'])

      expect(stderr).toMatch(
        /^error: (Unknown option '--astern'|expected a verb \(got --astern\))\nhint: usage: /,
      )
      expect(stderr).toContain(`hint: usage: ${name}`)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    },
  )
})
