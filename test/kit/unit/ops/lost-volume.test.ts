import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'

/** An engine that has the volumes `there`, each with the labels of the stack. */
function engineWith(...there: string[]): string {
  return `
case "$*" in
  'volume inspect '*) [[ " ${there.join(' ')} " == *" $3 "* ]] ;;
  'volume ls '*) printf '%s\\n' ${there.join(' ')} ;;
esac`
}

let copy: OpsCopy

beforeEach(() => {
  copy = openOpsCopy()
  writeFileSync(join(copy.root, '.env'), 'COMPOSE_PROJECT_NAME=ship\nPGDATA_VOLUME=ship_pgdata\n')
})
afterEach(() => copy.close())

function wasStarted(): void {
  mkdirSync(join(copy.root, '.data'), { recursive: true })
  writeFileSync(join(copy.root, '.data/live.ship'), 'ship_pgdata')
}

describe('a volume that is away', () => {
  it('at the first start › is no fault: there is nothing to back up', async () => {
    copy.engine("[[ $* != 'volume inspect '* ]]")

    expect(await copy.start('before-migration.sh').ended).toEqual({ code: 0, said: '' })
  })

  it('that of the database, where the stack ran before › ends make up with its name', async () => {
    copy.engine("[[ $* != 'volume inspect '* ]]")
    wasStarted()

    const { code, said } = await copy.start('before-migration.sh').ended

    expect(code).toBe(1)
    expect(said).toMatch(
      /^error: the volume ship_pgdata of the live database is not there\nhint: .*EMPTY_DATABASE=1/,
    )
  })

  it('that of the database, while others of the stack are there › ends make up with their names', async () => {
    copy.engine(engineWith('ship_pgdata_2', 'ship_pgdata_3'))

    const { code, said } = await copy.start('before-migration.sh').ended

    expect(code).toBe(1)
    expect(said).toContain('is not there, only: ship_pgdata_2 ship_pgdata_3\n')
  })

  it('that of Caddy, where the stack ran before › ends the archive of the configuration', async () => {
    copy.engine("[[ $* != 'volume inspect '* ]]")
    wasStarted()

    const { code, said } = await copy.start('backup-config.sh').ended

    expect(code).toBe(1)
    expect(said).toMatch(/^error: the volume ship_caddy_data with the certificates is not there/)
    expect(copy.asked().filter((line) => line.startsWith('run '))).toEqual([])
  })

  it('an engine that does not answer › is not taken for a first start', async () => {
    copy.engine('[[ $* != volume* ]]')

    expect((await copy.start('before-migration.sh').ended).code).toBe(1)
  })
})

describe('passwords that are away', () => {
  it('while a volume of the database is there, under any name › are not made anew', async () => {
    copy.engine(engineWith('ship_pgdata_2'))

    const { code, said } = await copy.start('setup.sh').ended

    expect(code).toBe(1)
    expect(said).toContain('error: the volume ship_pgdata_2 holds a database, and the passwords')
  })
})

describe('a service that cannot be asked for', () => {
  it('is not taken for one that is down: the page stays on', async () => {
    copy.engine(`[[ "$*" != *' ps '* ]]`)

    const { code, said } = await copy.start('maintenance.sh', ['on']).ended

    expect(code).toBe(1)
    expect(said).toContain('error: it cannot be told whether the service caddy runs')
  })
})

describe('passwords that the database refuses', () => {
  it('after make down, without a backup › are named before anything migrates', async () => {
    copy.engine(`case "$*" in
      *' ps --all --quiet db') echo 1 ;;
      *' --entrypoint bash db '*) echo app ;;
    esac`)

    const { code, said } = await copy.start('before-migration.sh', [], {
      environment: { MIGRATE_WITHOUT_BACKUP: '1' },
    }).ended

    expect(code).toBe(1)
    expect(said).toContain('the database refuses the password of the role app, in secrets/db/app_password')
  })
})
