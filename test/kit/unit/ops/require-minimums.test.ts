import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../../..')

let bin: string

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'slipway minimums '))
  for (const tool of ['sh', 'awk', 'sed', 'dirname', 'env', 'git']) {
    symlinkSync(spawnSync('which', [tool], { encoding: 'utf8' }).stdout.trim(), join(bin, tool))
  }
  program('bash', 'printf %s "5.2.15(1)-release"')
})

afterEach(() => rmSync(bin, { recursive: true }))

function program(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

interface Versions {
  engine?: string
  component?: string
  compose?: string | null
  buildx?: string | null
}

/** A client that answers as Docker's does; a plugin that is null is missing. */
function docker({
  engine = '28.5.2+dfsg4',
  component = 'Engine',
  compose = '2.40.3-3',
  buildx = '0.29.1+ds1',
}: Versions = {}): void {
  program(
    'docker',
    `no_plugin() { echo "docker: unknown command: docker $1" >&2; exit 1; }
case "$*" in
  info) exit 0 ;;
  --version) echo 'Docker version ${engine}, build 0' ;;
  *Components*) echo '${component} containerd runc' ;;
  'version '*) echo '${engine}' ;;
  'compose version --short') ${compose === null ? 'no_plugin compose' : `echo '${compose}'`} ;;
  'compose version') ${compose === null ? 'no_plugin compose' : 'exit 0'} ;;
  'buildx version') ${buildx === null ? 'no_plugin buildx' : `echo 'github.com/docker/buildx ${buildx} 0'`} ;;
  *) exit 1 ;;
esac`,
  )
}

function judge(env: Record<string, string> = {}) {
  return spawnSync(join(root, 'ops/require-minimums.sh'), { env: { PATH: bin, ...env }, encoding: 'utf8' })
}

describe('require-minimums', () => {
  it.each<Versions>([
    { engine: '26.1.5+dfsg1', compose: '2.26.1-4', buildx: '0.13.1+ds1' },
    { engine: '28.5.2+dfsg4', compose: '2.40.3-3', buildx: '0.29.1+ds1' },
    { engine: '29.10.1', compose: 'v5.5.1', buildx: 'v0.30.0-desktop.1' },
    { engine: '27.0.0-rc.1', compose: '5.0.0-beta.2', buildx: 'v1.0.0' },
  ])('says nothing of engine $engine, Compose $compose and buildx $buildx', (versions) => {
    docker(versions)

    expect(judge({ MAKE_VERSION: '4.4.1' })).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })

  it.each<[Versions, string]>([
    [{ engine: '25.0.5' }, 'the Docker engine is 25.0.5, and 26.1 or later is needed'],
    [{ engine: '26.0.2' }, 'the Docker engine is 26.0.2, and 26.1 or later is needed'],
    [{ engine: '9.99.0' }, 'the Docker engine is 9.99.0, and 26.1 or later is needed'],
    [{ compose: 'v2.3.3' }, 'Compose is v2.3.3, and 2.26 or later is needed'],
    [{ compose: '1.29.2' }, 'Compose is 1.29.2, and 2.26 or later is needed'],
    [{ compose: '2.26.1-4', buildx: 'v0.9.1' }, 'buildx is v0.9.1, and 0.13 or later is needed'],
    [{ compose: '2.40.3-3', buildx: '0.13.1+ds1' }, 'buildx is 0.13.1+ds1, and 0.17 or later is needed'],
    [{ compose: 'v5.0.0', buildx: 'v0.16.2' }, 'buildx is v0.16.2, and 0.17 or later is needed'],
    [{ compose: null }, 'docker has no Compose: `docker compose` does not run'],
    [{ buildx: null }, 'docker has no buildx: `docker buildx` does not run'],
    [{ engine: '5.4.2', component: 'Podman Engine' }, 'what answers as docker is podman'],
  ])('refuses %o', (versions, sentence) => {
    docker(versions)

    const { status, stderr } = judge()

    expect(status).toBe(1)
    expect(stderr).toMatch(/^error: .+\nhint: .+\n$/)
    expect(stderr).toContain(sentence)
  })

  it('knows the stand-in of podman by its name', () => {
    program('docker', '[ "$1" != --version ] || echo "podman version 4.3.1"')

    expect(judge()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('answers as docker is podman') as string,
    })
  })

  it.each(['co,mma', '100%', 'quo"te'])(
    'refuses a checkout in a folder that Compose cannot build in (%s)',
    (folder) => {
      docker()
      mkdirSync(join(bin, folder))
      spawnSync('cp', ['-r', join(root, 'ops'), join(bin, folder)])

      const { status, stderr } = spawnSync(join(bin, folder, 'ops/require-minimums.sh'), {
        env: { PATH: bin },
        encoding: 'utf8',
      })

      expect(status).toBe(1)
      expect(stderr).toMatch(/^error: the path of this checkout .*\nhint: move the checkout .*\n$/)
    },
  )

  it('names every fault, each with its remedy', () => {
    docker({ engine: '20.10.24', compose: null, buildx: null })
    program('bash', 'printf %s "3.2.57(1)-release"')

    const { status, stderr } = judge({ MAKE_VERSION: '3.80' })

    expect(status).toBe(1)
    expect(stderr.match(/^error: /gm)).toHaveLength(5)
    expect(stderr).toContain(
      'error: bash is 3.2.57(1)-release, and 4.4 or later is needed\nhint: install a newer bash',
    )
    expect(stderr).toContain('error: make is 3.80, and 3.81 or later is needed\nhint: install GNU make\n')
  })

  it.each(['dev', '', 'library-import'])(
    'warns of a version that is no number (%j) and goes on',
    (compose) => {
      docker({ compose })

      const { status, stderr } = judge()

      expect(status).toBe(0)
      expect(stderr).toBe(
        `warning: the version of Compose cannot be read (got "${compose}"), 2.26 or later is needed\n`,
      )
    },
  )

  it('asks for no engine: without one there is the embedded server', () => {
    expect(judge()).toMatchObject({ status: 0, stderr: '' })
  })

  it.each(['up.sh', 'setup.sh'])('is the first thing that ops/%s does', (script) => {
    rmSync(join(bin, 'bash'))
    symlinkSync('/bin/bash', join(bin, 'bash'))
    const copy = join(bin, 'copy')
    mkdirSync(copy)
    spawnSync('cp', ['-r', join(root, 'ops'), copy])
    docker({ engine: '20.10.24' })

    const { status, stderr } = spawnSync(join(copy, 'ops', script), { env: { PATH: bin }, encoding: 'utf8' })

    expect(status).toBe(1)
    expect(stderr).toMatch(/^error: the Docker engine is 20\.10\.24.*\nhint: .*\n$/)
  })

  it('is said in the README with the same figures', () => {
    const table = readFileSync(join(root, 'ops/minimums.txt'), 'utf8')
    const of = (name: string) => new RegExp(`^${name} +(\\S+)`, 'm').exec(table)?.[1] ?? 'missing'

    expect(readFileSync(join(root, 'README.md'), 'utf8').replace(/\s+/g, ' ')).toContain(
      `Docker Engine ${of('engine')}, Compose ${of('compose')}, buildx ${of('buildx')}, bash ${of('bash')} and GNU make ${of('make')}, or later`,
    )
  })
})
