import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkout } from '../../support/spawn-process.ts'

let home: string
const closing: (() => void)[] = []

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'slipway-ports-'))
  mkdirSync(join(home, 'bin'))
  publish()
})

afterEach(() => {
  for (const close of closing.splice(0)) close()
  rmSync(home, { recursive: true })
})

/** What an engine publishes: container, project, port and protocol, address and port of the host. */
function publish(...lines: string[][]): void {
  const said = lines.map((line) => line.join('|')).join('\n')
  const script = `#!/usr/bin/env bash\ncase $1 in ps) echo 1 ;; inspect) cat <<'END'\n${said}\nEND\n;; esac\n`
  writeFileSync(join(home, 'bin/docker'), script)
  chmodSync(join(home, 'bin/docker'), 0o755)
}

function refuse(...wanted: string[]) {
  const script = `source ops/lib.sh; source ops/port-parts.sh; refuse_taken_ports mine 'take another'`
  const { status, stderr } = spawnSync('bash', ['--norc', '-Eeuo', 'pipefail', '-c', script], {
    cwd: checkout,
    input: `${wanted.join('\n')}\n`,
    encoding: 'utf8',
    env: { PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}` },
  })
  return { status, said: stderr }
}

function listen(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    closing.push(() => server.close())
    server.listen(0, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

function bindUdp(host: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    closing.push(() => socket.close())
    socket.bind(0, host, () => resolve(socket.address().port))
  })
}

const free = { status: 0, said: '' }

describe('a port that is to be published', () => {
  it('is refused with the setting, the program and its pid when a process listens there', async () => {
    const port = await listen('127.0.0.1')

    const { status, said } = refuse(`tcp 0.0.0.0 ${port} PUBLIC_HTTP_PORT`)

    expect(status).toBe(1)
    const program = `${basename(process.execPath)} (pid ${process.pid})`
    expect(said).toBe(
      `error: port ${port}/tcp (PUBLIC_HTTP_PORT) is taken by ${program}\nhint: take another\n`,
    )
  })

  it('is refused for UDP by a socket of UDP alone', async () => {
    const port = await bindUdp('127.0.0.1')

    expect(refuse(`udp 0.0.0.0 ${port} PUBLIC_HTTPS_PORT`).said).toContain(`port ${port}/udp`)
    expect(refuse(`tcp 0.0.0.0 ${port} PUBLIC_HTTPS_PORT`)).toEqual(free)
  })

  it.each([
    ['0.0.0.0', '127.0.0.1', true],
    ['127.0.0.1', '0.0.0.0', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '::', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['0.0.0.0', '::1', false],
    ['::', '127.0.0.1', false],
    ['::', '::1', true],
  ])('counts %s and a listener on %s as the same socket: %s', async (ours, theirs, isTaken) => {
    const port = await listen(theirs)

    expect(refuse(`tcp ${ours} ${port} X`).status).toBe(isTaken ? 1 : 0)
  })

  it('is refused with the container and its stack, whatever the host shows of it', () => {
    publish(['other-caddy-1', 'other', '443/udp', '0.0.0.0', '443'], ['lone', '', '80/tcp', '', '80'])

    const { status, said } = refuse(
      'udp 127.0.0.1 443 PUBLIC_HTTPS_PORT',
      'tcp 127.0.0.1 80 PUBLIC_HTTP_PORT',
    )

    expect(status).toBe(1)
    expect(said).toContain(
      'port 443/udp (PUBLIC_HTTPS_PORT) is taken by the container other-caddy-1 of the stack other; port 80/tcp (PUBLIC_HTTP_PORT) is taken by the container lone\n',
    )
  })

  it('is free where the stack itself publishes it already', async () => {
    const port = await listen('127.0.0.1')
    publish(['mine-caddy-1', 'mine', '80/tcp', '127.0.0.1', String(port)])

    expect(refuse(`tcp 0.0.0.0 ${port} PUBLIC_HTTP_PORT`)).toEqual(free)
  })

  it('is free where nobody listens', async () => {
    const port = await listen('127.0.0.1')
    for (const close of closing.splice(0)) close()
    publish(['other-caddy-1', 'other', '80/tcp', '127.0.0.2', String(port)])

    expect(refuse(`tcp 127.0.0.1 ${port} PUBLIC_HTTP_PORT`)).toEqual(free)
  })
})
