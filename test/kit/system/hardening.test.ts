import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { compose, docker, ops, sql } from '../support/stack.ts'

/** The part of `docker inspect` that these promises are about. */
interface Container {
  Name: string
  Config: { User: string; Env: string[]; Cmd: string[] | null; Labels: Record<string, string> }
  State: { Status: string; ExitCode: number; Pid: number; Health?: { Status: string } }
  HostConfig: {
    CapAdd: string[] | null
    CapDrop: string[] | null
    Init: boolean
    LogConfig: { Type: string; Config: Record<string, string> }
    Memory: number
    NanoCpus: number
    NetworkMode: string
    PidMode: string
    PidsLimit: number | null
    Privileged: boolean
    ReadonlyRootfs: boolean
    SecurityOpt: string[] | null
    Tmpfs: Record<string, string> | null
    Ulimits: { Name: string; Hard: number; Soft: number }[] | null
  }
  Mounts: { Type: string; Name?: string; Source: string; Destination: string; RW: boolean }[]
  NetworkSettings: {
    Networks: Record<string, unknown>
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null>
  }
}

const services = [
  'api',
  'backup',
  'caddy',
  'db',
  'drill',
  'migrate',
  'node-exporter',
  'postgres-exporter',
  'prometheus',
]
const longRunning = services.filter((service) => service !== 'migrate')

const containers = new Map<string, Container>()

beforeAll(async () => {
  const ids = (await compose('ps', '--all', '--quiet')).split('\n').filter(Boolean)
  for (const container of JSON.parse(await docker('inspect', ...ids)) as Container[]) {
    containers.set(container.Config.Labels['com.docker.compose.service'] ?? container.Name, container)
  }
})

function container(service: string): Container {
  const found = containers.get(service)
  if (!found) throw new Error(`no container of service ${service}`)
  return found
}

it('stack › consists of the services that these tests know', () => {
  expect([...containers.keys()].sort()).toEqual(services)
})

describe.each(services)('%s', (service) => {
  it('runs as a numeric user that is not root', () => {
    expect(container(service).Config.User).toMatch(/^[1-9]\d*:[1-9]\d*$/)
  })

  it('drops every capability; Caddy alone has one back, for its binary', () => {
    const { CapAdd, CapDrop, Privileged } = container(service).HostConfig

    expect(CapDrop).toEqual(['ALL'])
    expect((CapAdd ?? []).map((name) => name.replace(/^CAP_/, ''))).toEqual(
      service === 'caddy' ? ['NET_BIND_SERVICE'] : [],
    )
    expect(Privileged).toBe(false)
  })

  it('gains no privileges, has a read-only root, sized tmpfs and an init', () => {
    const { Init, ReadonlyRootfs, SecurityOpt, Tmpfs } = container(service).HostConfig

    expect(SecurityOpt).toEqual(['no-new-privileges:true'])
    expect(ReadonlyRootfs).toBe(true)
    expect(Init).toBe(true)
    for (const options of Object.values(Tmpfs ?? {})) expect(options).toMatch(/size=\d+m/)
  })

  it('has memory, CPU, process and file limits and rotated logs', () => {
    const { LogConfig, Memory, NanoCpus, PidsLimit, Ulimits } = container(service).HostConfig

    expect(Memory).toBeGreaterThan(0)
    expect(NanoCpus).toBeGreaterThan(0)
    expect(PidsLimit).toBeGreaterThan(0)
    expect(Ulimits).toEqual([{ Name: 'nofile', Hard: 16_384, Soft: 16_384 }])
    expect(LogConfig).toEqual({ Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } })
  })

  it('sees no engine socket, shares no namespace with the host, and leaves no anonymous volume', () => {
    const { HostConfig, Mounts } = container(service)

    expect(HostConfig.NetworkMode).not.toBe('host')
    expect(HostConfig.PidMode).toBe('')
    for (const mount of Mounts) {
      expect(`${mount.Source} ${mount.Destination}`).not.toMatch(/docker\.sock|^\/ /)
      if (mount.Type === 'volume') expect(mount.Name).toMatch(/^slipway-test-[0-9a-f]{8}_/)
    }
  })
})

describe.each(longRunning)('%s while it runs', (service) => {
  it('is healthy', () => {
    expect(container(service).State).toMatchObject({ Status: 'running', Health: { Status: 'healthy' } })
  })

  it('really holds no capability and no way to one', async () => {
    const status = await compose('exec', '-T', service, 'cat', '/proc/1/status')

    expect(status).toMatch(/^Uid:\t[1-9]/m)
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    // Bit 10 is CAP_NET_BIND_SERVICE.
    expect(status).toMatch(service === 'caddy' ? /^CapBnd:\t0000000000000400$/m : /^CapBnd:\t0{16}$/m)
  })

  it('cannot write to its root', async () => {
    await expect(compose('exec', '-T', service, 'touch', '/probe')).rejects.toThrow(
      /[Rr]ead-only file system/,
    )
  })

  it('has no engine socket in any folder it can see', async () => {
    await expect(
      compose(
        'exec',
        '-T',
        service,
        'ls',
        '/var/run/docker.sock',
        '/run/docker.sock',
        '/host/proc/1/root/run',
      ),
    ).rejects.toThrow(/No such file|Permission denied/)
  })
})

it('restore › would leave no anonymous volume', async () => {
  await compose('create', '--no-build', '--no-recreate', 'restore')
  const id = (await compose('--profile', 'tools', 'ps', '--all', '--quiet', 'restore')).trim()
  const [created] = JSON.parse(await docker('inspect', id)) as Container[]
  await docker('rm', '--force', '--volumes', id)

  expect(created?.Mounts.filter(({ Type }) => Type === 'volume')).toEqual([])
})

it('published ports › Caddy on 80 and 443, Prometheus on 127.0.0.1, nothing else', () => {
  const published = [...containers].flatMap(([service, { NetworkSettings }]) =>
    Object.entries(NetworkSettings.Ports)
      .filter(([, bindings]) => bindings !== null && bindings.length > 0)
      .map(([port, bindings]) => `${service} ${port} ${bindings?.[0]?.HostIp ?? ''}`),
  )

  expect(published.sort()).toEqual([
    'caddy 443/tcp 127.0.0.1',
    'caddy 443/udp 127.0.0.1',
    'caddy 80/tcp 127.0.0.1',
    'prometheus 9090/tcp 127.0.0.1',
  ])
})

it('networks › each service is on those of the design, and without off-site storage Caddy alone has a way out', async () => {
  const of = (service: string) =>
    Object.keys(container(service).NetworkSettings.Networks)
      .map((name) => name.replace(/^slipway-test-[0-9a-f]{8}_/, ''))
      .sort()

  expect(Object.fromEntries(longRunning.map((service) => [service, of(service)]))).toEqual({
    api: ['data', 'edge'],
    backup: ['data', 'egress'],
    caddy: ['edge', 'public'],
    db: ['data', 'egress'],
    drill: ['none'],
    'node-exporter': ['data'],
    'postgres-exporter': ['data'],
    prometheus: ['data', 'loopback'],
  })
  const project = container('db').Config.Labels['com.docker.compose.project'] ?? ''
  for (const network of ['data', 'edge', 'egress']) {
    expect(
      (await docker('network', 'inspect', '--format', '{{.Internal}}', `${project}_${network}`)).trim(),
    ).toBe('true')
  }
})

it('migrate › has run once and ended with 0', () => {
  expect(container('migrate').State).toMatchObject({ Status: 'exited', ExitCode: 0 })
})

it('db › sorts by code point, whatever the locale of the image', async () => {
  expect(await sql(`SELECT datlocprovider, datcollate, datctype FROM pg_database GROUP BY 1, 2, 3`)).toBe(
    'c|C.UTF-8|C.UTF-8',
  )
  expect(await sql(`SELECT string_agg(x, '' ORDER BY x) FROM unnest(array['é', 'z', 'a', 'Z']) AS x`)).toBe(
    'Zazé',
  )
})

it('db › an index whose collation is of another version of the library is named, with its remedy', async () => {
  onTestFinished(async () => void (await sql('DROP SCHEMA IF EXISTS sorted CASCADE')))
  expect(await ops('check-collations.sh')).toBe('')
  await sql(`CREATE SCHEMA sorted; CREATE COLLATION sorted.german (provider = icu, locale = 'de');
    CREATE TABLE sorted.words (word text COLLATE sorted.german UNIQUE);
    UPDATE pg_collation SET collversion = '1' WHERE collname = 'german'`)

  const said = await ops('check-collations.sh')

  expect(said).toMatch(
    /^warning: index sorted\.words_word_key sorts by sorted\.german of version 1, the image has [\d.]+: .*\nhint: in make psql: REINDEX INDEX sorted\.words_word_key; ALTER COLLATION sorted\.german REFRESH VERSION\n$/,
  )
})

it('db › lets the API into its own database alone', async () => {
  const connect = (database: string) =>
    compose(
      ...['exec', '-T', 'db', 'bash', '-c'],
      `PGPASSWORD=$(</run/secrets/app_password) psql --host=127.0.0.1 --username=app --dbname=${database} -XAtc 'SELECT 1'`,
    )

  expect((await connect('slipway')).trim()).toBe('1')
  await expect(connect('postgres')).rejects.toThrow(/pg_hba.conf rejects/)
  await expect(connect('template1')).rejects.toThrow(/pg_hba.conf rejects/)
})
