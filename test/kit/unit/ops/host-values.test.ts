import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'
import { checkout } from '../../support/spawn-process.ts'

let copy: OpsCopy

beforeEach(() => {
  copy = openOpsCopy()
  copyFileSync(join(checkout, '.env.example'), join(copy.root, '.env.example'))
  for (const folder of ['site', 'ops/prometheus', 'ops/exporters'])
    mkdirSync(join(copy.root, folder), { recursive: true })
})

afterEach(() => copy.close())

function pointEnv(file: string, ...lines: string[]) {
  return spawnSync(join(checkout, 'ops/point-env.sh'), [file, ...lines], { encoding: 'utf8' })
}

describe('a value that a script writes into .env', () => {
  it.each([
    ['plain/name:1.2-3_4', 'KEY=plain/name:1.2-3_4'],
    ['a\\nb\\tc\\1&', "KEY='a\\nb\\tc\\1&'"],
    ['$HOME $(touch p) `touch p`', "KEY='$HOME $(touch p) `touch p`'"],
    ['with # and "', `KEY='with # and "'`],
    ['|e touch p|', "KEY='|e touch p|'"],
    ['Zürich 🚢', "KEY='Zürich 🚢'"],
    ['a=b', "KEY='a=b'"],
    ['', 'KEY='],
  ])('stands there as it is: %j', { timeout: 20_000 }, (value, line) => {
    const file = join(copy.root, 'an env')
    writeFileSync(file, 'BEFORE=1\n  export KEY = old\nAFTER=2\n', { mode: 0o640 })

    expect(pointEnv(file, `KEY=${value}`, `LATER=${value}`)).toMatchObject({ status: 0, stderr: '' })

    expect(readFileSync(file, 'utf8')).toBe(`BEFORE=1\n${line}\nAFTER=2\n${line.replace('KEY', 'LATER')}\n`)
    expect(spawnSync('stat', ['-c', '%a', file], { encoding: 'utf8' }).stdout).toBe('640\n')
  })

  it.each(["it's", 'two\nKEY2=lines', 'two\rlines'])(
    'is refused where .env cannot hold it: %j',
    { timeout: 20_000 },
    (value) => {
      const file = join(copy.root, 'an env')
      writeFileSync(file, 'KEY=old\n')

      const { status, stderr } = pointEnv(file, `KEY=${value}`)

      expect(status).toBe(1)
      expect(stderr).toContain('error: .env cannot hold the value of KEY')
      expect(readFileSync(file, 'utf8')).toBe('KEY=old\n')
    },
  )
})

describe('make setup', () => {
  it.each(['x|e touch p|', 'x\ne touch p', '$(touch p)', "'; touch p; '", '&', 'a\\1'])(
    'runs nothing of a domain: %j',
    async (domain) => {
      const { said } = await copy.start('setup.sh', [], {
        environment: { DOMAIN: domain, TLS: `${domain}@x` },
      }).ended

      expect(existsSync(join(copy.root, 'p'))).toBe(false)
      const env = join(copy.root, '.env')
      const isRefused = said.includes('error: ') && !existsSync(env)
      expect(isRefused || readFileSync(env, 'utf8').includes(domain)).toBe(true)
    },
  )

  it.each([
    ['a:b', 'colon'],
    ['a\nb', 'line end'],
  ])('refuses a checkout in a folder that Docker cannot mount: %j', async (name) => {
    mkdirSync(join(copy.root, name))
    renameSync(join(copy.root, 'ops'), join(copy.root, name, 'ops'))

    const { code, said } = await copy.start(join('..', name, 'ops/setup.sh')).ended

    expect(code).toBe(1)
    expect(said).toContain('error: Docker cannot mount the path of the checkout')
    expect(said).toContain('hint: move it to a path without\n')
  })

  it('leaves a folder with a backslash to those with an engine', async () => {
    mkdirSync(join(copy.root, 'a\\b'))
    renameSync(join(copy.root, 'ops'), join(copy.root, 'a\\b', 'ops'))

    const { code, said } = await copy.start('../a\\b/ops/embedded.sh', ['up']).ended

    expect(code).toBe(1)
    expect(said).toContain('error: Node.js runs no program in a path with a backslash')
  })

  it.each(['SECRETS_DIR', 'BACKUPS_DIR', 'MAINTENANCE_DIR'])(
    'leaves the owner and mode of a folder alone that holds more than the stack: %s',
    async (key) => {
      mkdirSync(join(copy.root, 'home'))
      for (const folder of ['./', '~', '~/../home']) {
        writeFileSync(join(copy.root, '.env'), `${key}=${folder}\n`)

        const { code, said } = await copy.start('setup.sh', [], {
          environment: { HOME: join(copy.root, 'home') },
        }).ended

        expect(code).toBe(1)
        expect(said).toContain(`error: ${key} is /`)
        expect(said).toContain('which holds more than')
      }
    },
  )

  it.each(['/', '/.', '..'])('counts %s among those, by its guard alone', (folder) => {
    const lines = 'source "$0/ops/lib.sh"; require_own_folder KEY "$(path_of "$1")"'

    const { status, stderr } = spawnSync('bash', ['-c', lines, copy.root, folder], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: copy.root, settings_needed: 'never' },
    })

    expect(status).toBe(1)
    expect(stderr).toContain('error: KEY is /')
  })

  it.each(['BACKUPS_DIR', 'MAINTENANCE_DIR'])(
    'refuses a name that Compose would take for a volume: %s',
    async (key) => {
      for (const folder of ['stored', 'a/b', '~bob/x']) {
        writeFileSync(join(copy.root, '.env'), `${key}=${folder}\n`)

        const { code, said } = await copy.start('setup.sh').ended

        expect(code).toBe(2)
        expect(said).toContain(`error: .env line 1: ${key}: expected a path that begins with /`)
      }
    },
  )

  it('takes a folder of the home as Compose does', async () => {
    writeFileSync(join(copy.root, '.env'), 'BACKUPS_DIR=~/stored\n')

    await copy.start('setup.sh').ended

    expect(existsSync(join(copy.root, 'stored/config'))).toBe(true)
  })

  it.each(['SECRETS_DIR', 'BACKUPS_DIR', 'MAINTENANCE_DIR'])(
    'refuses a folder that Docker cannot mount: %s',
    async (key) => {
      writeFileSync(join(copy.root, '.env'), `${key}=/srv/a:b\n`)

      const { code, said } = await copy.start('setup.sh').ended

      expect({ code, said }).toEqual({
        code: 1,
        said: expect.stringContaining(`error: Docker cannot mount the path of ${key}`) as string,
      })
    },
  )
})

describe('a file system that gives no file away', () => {
  const refuseOwners = (): void => {
    for (const program of ['chown', 'chgrp']) {
      const path = join(copy.root, 'bin', program)
      writeFileSync(path, '#!/bin/sh\necho "Operation not permitted" >&2\nexit 1\n', { mode: 0o755 })
    }
  }

  const share = async (access: number) => {
    refuseOwners()
    const folders = ['secrets', 'backups'].map((name) => join(copy.root, name))
    for (const folder of folders) mkdirSync(folder)
    // As an ordinary user the engine gives away, and as root the script itself.
    copy.engine(
      `case "$*" in *setpriv*) exit ${access} ;; run*) echo 'Operation not permitted' >&2; exit 1 ;; esac`,
    )
    return copy.start('share-files.sh', folders).ended
  }

  it('is used as it is when the users of the containers reach what is in it', async () => {
    const { code, said } = await share(0)

    expect(code).toBe(0)
    expect(said).toContain('/secrets is used as it is: its files cannot be given away\n')
    expect(said).toContain('/backups is used as it is: its files cannot be given away\n')
  })

  it('is refused with the reason and a way out when they do not', async () => {
    const { code, said } = await share(1)

    expect(code).toBe(1)
    expect(said).toMatch(/error: the users of the containers cannot use .*\/secrets, and .*/)
    expect(said).toContain('or set SECRETS_DIR in .env to a folder of another file system\n')
  })
})

describe('SELINUX_LABEL', () => {
  it('labels every folder of the host that a container mounts, and no volume', async () => {
    writeFileSync(join(copy.root, '.env'), 'SELINUX_LABEL=z\n')
    for (const name of ['secrets', 'backups']) mkdirSync(join(copy.root, name))
    copy.engine('')

    await copy.start('share-files.sh', [join(copy.root, 'secrets'), join(copy.root, 'backups')]).ended

    const [run] = copy
      .asked()
      .filter((line) => line.startsWith('run '))
      .slice(-1)
    expect(run).toContain(
      `--volume ${copy.root}/secrets:/secrets:z --volume ${copy.root}/backups:/backups:z `,
    )
  })

  it('stands in compose.prod.yaml at every folder, but those of the kernel', () => {
    const text = readFileSync(join(checkout, 'compose.prod.yaml'), 'utf8')
    const folders = text
      .split('\n')
      .filter((line) => /^ +- (\.|\$\{(BACKUPS|MAINTENANCE)_DIR).*:\//.test(line))

    expect(folders.length).toBeGreaterThan(7)
    expect(folders.filter((line) => !/\$\{SELINUX_LABEL:\+[,:]z\}$/.test(line))).toEqual([])
    expect(text).toContain('- /proc:/host/proc:ro\n')
  })
})
