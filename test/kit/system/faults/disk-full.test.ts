import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { compose, containerOf, docker, eventually, ops, sql, stack } from '../../support/stack.ts'
import { acceptedAfter, timesLogged } from './support/database-faults.ts'
import { expectApiUnmoved } from './support/expect-unharmed.ts'
import { runFault } from './support/run-fault.ts'
import { ballastMb, openSmallDisk, type SmallDisk } from './support/small-disk.ts'
import { signUp } from './support/write-load.ts'

const ballast = `pgsql_tmp_ballast ${ballastMb * 1024 * 1024}`

let disk: SmallDisk
let cookie = ''

const runs = Array.from({ length: Number(process.env['FAULT_RUNS'] ?? 1) }, (_, before) => before + 1)

/** Ends the server when there is no room for another file of its log. */
function needLogFile() {
  return sql('SELECT pg_switch_wal()').catch(() => undefined)
}

async function restartsOfDatabase(): Promise<number> {
  return Number(await docker('inspect', '--format', '{{.RestartCount}}', await containerOf('db')))
}

describe.each(runs)('the disk of the database is full, run %d', () => {
  beforeAll(async () => {
    disk = await openSmallDisk()
    cookie = await signUp()
  })
  afterAll(() => disk.close())

  it('the ballast › is in the volume after the first start', async () => {
    expect(await disk.files()).toContain(ballast)
  })

  it('no room for rows › writes are refused, and go on by themselves once there is room', async () => {
    const begin = Date.now()

    const outcome = await runFault('data volume full (53100)', cookie, async () => {
      await disk.fill()
      await eventually(
        'a row finds no room',
        async () => (await timesLogged('could not extend file', begin)) > 0 || undefined,
      )
      await wait(2_000)
      return disk.clear()
    })

    expectApiUnmoved(outcome)
    expect(outcome.ledger.failures).toHaveProperty('503')
    expect(await restartsOfDatabase()).toBe(0)
  })

  it('no room for the log › the server stays down until make free-ballast, and nothing acknowledged is lost', async () => {
    const begin = Date.now()

    let said = ''
    const outcome = await runFault('WAL full, ballast freed', cookie, async () => {
      await disk.fill()
      await eventually('the server gives up', async () => {
        await needLogFile()
        return (await restartsOfDatabase()) > 2 || undefined
      })
      const freed = Date.now()
      said = await ops('free-ballast.sh')
      return acceptedAfter(freed)
    })

    expectApiUnmoved(outcome)
    expect(await timesLogged('PANIC', begin)).toBeGreaterThan(0)
    expect(said).toContain('the ballast is deleted')
    expect(said).toContain('PostgreSQL accepts connections')
    expect(await disk.files()).not.toContain('ballast')
  })

  it('room again › the next start puts the ballast back, and none before', async () => {
    await compose('restart', '--no-deps', 'db')
    await eventually('it accepts', () => sql('SELECT 1'))
    expect(await disk.files()).not.toContain('ballast')

    await disk.clear()
    await compose('restart', '--no-deps', 'db')
    await eventually('it accepts', () => sql('SELECT 1'))

    expect(await disk.files()).toContain(ballast)
    expect(await compose('logs', '--no-color', 'db')).toContain(
      'no ballast: less than twice its 48 MiB is free',
    )
  })

  it('free-ballast › deletes it on the host where no container can start, or says how', async () => {
    const shim = join(stack().folder, 'engine-without-room')
    mkdirSync(shim, { recursive: true })
    const script = `case "$*" in *pgsql_tmp_ballast*) exit 1 ;; esac\nPATH=\${PATH#*:} exec docker "$@"`
    writeFileSync(join(shim, 'docker'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    const PATH = `${shim}:${process.env['PATH'] ?? ''}`

    const said = await ops('free-ballast.sh', [], { PATH }).catch((err: unknown) => String(err))

    const isRoot = process.getuid?.() === 0
    expect(said).toContain(isRoot ? 'the ballast is deleted' : 'hint: as root: rm ')
    expect((await disk.files()).includes('ballast')).toBe(!isRoot)
  })
})
