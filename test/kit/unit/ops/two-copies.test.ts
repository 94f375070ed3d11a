import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'

let copy: OpsCopy
let elsewhere: string

beforeEach(() => {
  copy = openOpsCopy()
  elsewhere = mkdtempSync(join(tmpdir(), 'slipway-elsewhere-'))
  writeFileSync(join(copy.root, '.env'), 'COMPOSE_PROJECT_NAME=ship\n')
})

afterEach(() => {
  copy.close()
  rmSync(elsewhere, { recursive: true })
})

function stackFrom(folder: string): void {
  writeFileSync(join(copy.root, 'started-from'), `${folder}\n`)
}

function changes(): string[] {
  return copy
    .asked()
    .filter(
      (line) =>
        !/^(info|--version|version|compose version|buildx version|ps|inspect|image inspect|volume inspect|context)\b/.test(
          line,
        ),
    )
}

async function run(script: string, args: string[] = [], environment: Record<string, string> = {}) {
  return copy.start(script, args, { environment }).ended
}

describe('a clone in another folder', () => {
  it.each([
    ['compose.sh', ['exec', 'db', 'psql']],
    ['claim-host.sh', []],
    ['setup.sh', []],
    ['down.sh', []],
    ['status.sh', []],
    ['logs.sh', []],
    ['maintenance.sh', ['on']],
    ['backup.sh', []],
    ['verify-backup.sh', []],
    ['backup-config.sh', []],
    ['backup-key-test.sh', []],
    ['restore.sh', ['FROM=latest', 'YES=1']],
    ['restore.sh', ['AT=latest', 'YES=1']],
    ['restore-undo.sh', []],
    ['restore-config.sh', ['FROM=latest', 'YES=1']],
    ['upgrade-postgres.sh', ['TO=18', 'YES=1']],
    ['upgrade-postgres.sh', ['BACK=1', 'YES=1']],
    ['free-ballast.sh', []],
  ])('changes nothing of the stack that has its name: %s %j', async (script, args) => {
    stackFrom(elsewhere)

    const { code, said } = await run(script, args)

    expect(code).toBe(1)
    expect(said).toContain(
      `error: the stack ship on this host belongs to the folder ${elsewhere}, and this is ${copy.root}\n`,
    )
    expect(said).toContain(
      'COMPOSE_PROJECT_NAME=other in .env; if the folder was moved here: make up MOVED=1\n',
    )
    expect(changes()).toEqual([])
  })

  it('changes nothing of the development stack that has its name, and needs no other production stack', async () => {
    writeFileSync(join(copy.root, 'dev-started-from'), `${elsewhere}\n`)

    const refused = await run('dev-compose.sh', ['down', '--volumes'])

    expect(refused).toMatchObject({ code: 1 })
    expect(refused.said).toContain(
      `error: the stack ship-dev on this host belongs to the folder ${elsewhere},`,
    )
    expect(changes()).toEqual([])

    rmSync(join(copy.root, 'dev-started-from'))
    stackFrom(elsewhere)

    expect(await run('dev-compose.sh', ['down', '--volumes'])).toEqual({ code: 0, said: '' })
  })

  it('takes over when it is said to be the place that the folder was moved to', async () => {
    stackFrom(elsewhere)
    copy.engine('[[ "$*" != *" down "* ]] || rm "$root/started-from"')

    const { code, said } = await run('claim-host.sh', [], { MOVED: '1' })

    expect({ code, said }).toEqual({
      code: 0,
      said: `taking over the stack ship, which was started from ${elsewhere}\n`,
    })
    expect(changes().filter((line) => !line.endsWith(' config'))).toEqual([
      expect.stringMatching(/^compose .* down --remove-orphans$/),
    ])
  })

  it('is told from the same folder by another path', async () => {
    mkdirSync(join(copy.root, 'x'))
    stackFrom(join(copy.root, 'x') + '/..')

    expect(await run('claim-host.sh')).toEqual({ code: 0, said: '' })
  })
})

describe('a stack that was never started', () => {
  it.each([
    ['restore-undo.sh', ['YES=1']],
    ['restore.sh', ['FROM=latest', 'YES=1']],
    ['restore.sh', ['FROM=offsite:latest', 'YES=1']],
    ['upgrade-postgres.sh', ['TO=18', 'YES=1']],
    ['free-ballast.sh', []],
    ['compose.sh', ['run', '--rm', '--no-deps', 'migrate', 'status']],
  ])('builds and makes nothing: %s %j', async (script, args) => {
    copy.engine('[[ "$*" != "volume inspect "* ]]')

    const { code, said } = await run(script, args)

    expect(code).toBe(1)
    expect(said).toContain(
      'error: the stack ship has no database: the volume ship_pgdata is not there\nhint: make up',
    )
    expect(changes()).toEqual([])
  })

  it.each([
    ['backup', ['exec', 'backup', 'node', 'backup.js', 'list']],
    ['db', ['exec', '--env', 'PGDATABASE=backup', 'db', 'psql', '--username=postgres']],
    ['db', ['exec', '-T', 'db', 'psql']],
  ])('says that its service %s does not run: %j', async (service, args) => {
    expect(await run('compose.sh', args)).toMatchObject({
      code: 1,
      said: expect.stringContaining(
        `error: the service ${service} of the stack is not running\nhint: make up\n`,
      ) as string,
    })
  })

  it.each(['shop-', 'a___b', 'shop_'])(
    'is not started under the name %s, which no image can have',
    async (name) => {
      writeFileSync(join(copy.root, '.env'), `COMPOSE_PROJECT_NAME=${name}\n`)

      const { code, said } = await run('claim-host.sh')

      expect(code).toBe(1)
      expect(said).toBe(
        `error: images cannot be named after COMPOSE_PROJECT_NAME=${name}\nhint: lower case letters and digits, with - or _ between them\n`,
      )
    },
  )
})

describe('a first setup', () => {
  beforeEach(() => rmSync(join(copy.root, '.env')))

  const written = () => readFileSync(join(copy.root, '.env'), 'utf8')

  it('writes the project of the environment into .env, where every later shell finds it', async () => {
    await run('setup.sh', [], { COMPOSE_PROJECT_NAME: 'shop' })

    expect(written()).toMatch(/^COMPOSE_PROJECT_NAME=shop$/m)
  })

  it('leaves the default commented without one', async () => {
    await run('setup.sh')

    expect(written()).toMatch(/^#COMPOSE_PROJECT_NAME=slipway$/m)
  })

  it.each(['a|e touch p|', 'Shop', 'x\ny'])('refuses the project %j, and writes nothing', async (name) => {
    const { code } = await run('setup.sh', [], { COMPOSE_PROJECT_NAME: name })

    expect(code).toBe(1)
    expect(existsSync(join(copy.root, 'p'))).toBe(false)
    expect(existsSync(join(copy.root, '.env'))).toBe(false)
  })
})

describe('a stack with a name of its own and a .env that was copied', () => {
  it('leaves the volume of the other alone', async () => {
    copy.engine('[[ "$*" != "volume inspect --format "* ]] || echo other')

    const { code, said } = await run('claim-host.sh')

    expect(code).toBe(1)
    expect(said).toContain(
      'error: the volume ship_pgdata holds the data of the stack other, and this is ship\n',
    )
  })

  it.each([
    ['BACKUPS_DIR', 'backups'],
    ['MAINTENANCE_DIR', 'maintenance'],
  ])('leaves the folder of the other alone: %s', async (key, name) => {
    const folder = join(elsewhere, name)
    mkdirSync(folder)
    writeFileSync(join(copy.root, '.env'), `COMPOSE_PROJECT_NAME=ship\n${key}=${folder}\n`)
    copy.engine(`case "$*" in
      'ps --all --quiet '*) echo 1 ;;
      'inspect '*.Mounts*) printf 'ship\\t/srv\\nother\\t${folder}\\n' ;;
    esac`)

    const { code, said } = await run('claim-host.sh')

    expect(code).toBe(1)
    expect(said).toContain(
      `error: the folder ${folder} is that of the stack other too\nhint: set ${key} in .env`,
    )
  })
})

describe('a .env of a host with IPv6', () => {
  const moved = (): void =>
    writeFileSync(
      join(copy.root, '.env'),
      'COMPOSE_PROJECT_NAME=ship\nPUBLIC_IPV6=true\nBIND_ADDRESS_IPV6=::\n',
    )

  it('is refused where the engine makes no network of IPv6, with the two lines to remove', async () => {
    moved()
    copy.engine(`case "$*" in
      'network inspect '*) exit 1 ;;
      'network create '*) echo 'no IPv6 address pool' >&2; exit 1 ;;
    esac`)

    expect(await run('claim-host.sh')).toEqual({
      code: 1,
      said:
        'error: PUBLIC_IPV6 is true, and the engine makes no network of IPv6 here: no IPv6 address pool\n' +
        'hint: remove PUBLIC_IPV6 and BIND_ADDRESS_IPV6 from .env: the site is then published on IPv4 alone\n',
    })
  })

  it('leaves no probe where it makes one, also when an earlier run was killed', async () => {
    moved()
    copy.engine(`case "$*" in
      'network inspect '*) exit 1 ;;
      'network rm '*) rm -f "$root/probe" ;;
      'network create '*) [[ ! -e "$root/probe" ]] && touch "$root/probe" ;;
    esac`)
    writeFileSync(join(copy.root, 'probe'), '')

    expect(await run('claim-host.sh')).toEqual({ code: 0, said: '' })
    expect(existsSync(join(copy.root, 'probe'))).toBe(false)
  })
})
