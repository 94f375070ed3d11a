import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, expect, it } from 'vitest'

import { proof } from '#app/proof'
import { compose, eventually, ops, request, stack } from '../support/stack.ts'

function turn(to: 'on' | 'off', reason?: string) {
  return ops('maintenance.sh', reason === undefined ? [to] : [to, reason])
}

async function isOpen() {
  return (await request('/api/health/db')).status === 200
}

afterEach(() => turn('off'))

it('maintenance › a browser gets a page that needs nothing else, with 503 and Retry-After, from the next request on', async () => {
  const said = await turn('on')
  const page = await request('/')

  expect(said).toContain('the maintenance page is on')
  expect(page.status).toBe(503)
  expect(page.headers).toMatchObject({
    'retry-after': '60',
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    'x-content-type-options': 'nosniff',
  })
  expect(page.text).toContain('<h1>Down for maintenance</h1>')
  expect(page.text).not.toMatch(/(src|href)=/)
  expect((await request('/style.css')).status).toBe(503)
})

it('maintenance › under /api it is a problem document, on the health endpoint too', async () => {
  await turn('on')

  for (const path of [proof.row.path, '/api/health/db', '/api/no-such-route']) {
    const answer = await request(path)

    expect(answer.status, path).toBe(503)
    expect(answer.headers).toMatchObject({
      'retry-after': '60',
      'content-type': 'application/problem+json',
    })
    expect(answer.json()).toMatchObject({ status: 503, code: 'maintenance' })
  }
})

it('maintenance › the containers stay healthy, a restart of Caddy changes nothing, and off opens the site at once', async () => {
  await turn('on')
  await compose('restart', 'caddy')

  const shut = await eventually('an answer of the new Caddy', () => request('/api/health/db'))
  await eventually('Caddy is healthy', async () => (await compose('ps', 'caddy')).includes('(healthy)'))
  const ready = await compose('exec', '-T', 'api', 'node', 'healthcheck.js', '3000', '/readyz')
  await turn('off')

  expect(shut.status).toBe(503)
  expect(ready).not.toContain('error')
  expect(await isOpen()).toBe(true)
})

it("maintenance › a script takes away its own page and never the operator's", async () => {
  await turn('on')
  await turn('on', 'restore')

  const said = await turn('off', 'restore')

  expect(said).toContain('stays on (for: operator)')
  expect(await isOpen()).toBe(false)
  await turn('off')
  await turn('on', 'restore')
  await turn('off', 'restore')
  expect(await isOpen()).toBe(true)
})

it('maintenance › make status says that it is on', async () => {
  expect(await ops('status.sh')).not.toContain('maintenance page')
  await turn('on')

  expect(await ops('status.sh')).toContain('the maintenance page is ON since')
})

it('maintenance › says that nothing was shut when Caddy does not see the file', async () => {
  const folder = join(stack().folder, 'maintenance')
  rmSync(folder, { recursive: true })
  mkdirSync(folder)

  await expect(turn('on')).rejects.toThrow(/error: Caddy does not see .*\nhint: .*--force-recreate caddy/)

  await turn('off')
  await compose('up', '--detach', '--no-deps', '--wait', '--force-recreate', 'caddy')
  expect(await isOpen()).toBe(true)
})
