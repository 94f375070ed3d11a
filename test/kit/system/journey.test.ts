import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'

import { beforeAll, expect, it } from 'vitest'

import { proof } from '#app/proof'
import { eventually, request, stack, type Answer } from '../support/stack.ts'

const email = `ana+${randomUUID()}@example.com`
const password = 'correct horse battery staple'
const { path, sample, keyField } = proof.row
const row = sample(1)

let cookie = ''

function sessionCookie(answer: Answer): string {
  const cookies = answer.headers['set-cookie']
  return (Array.isArray(cookies) ? cookies : []).map((line) => line.split(';')[0]).join('; ')
}

beforeAll(async () => {
  const signedUp = await request('/api/auth/sign-up/email', {
    method: 'POST',
    body: { name: 'Ana', email, password },
  })
  expect(signedUp.status, signedUp.text).toBe(200)
  cookie = sessionCookie(signedUp)
})

it('journey › sign in, create a row, and find it in the list', async () => {
  const signedIn = await request('/api/auth/sign-in/email', { method: 'POST', body: { email, password } })
  const session = sessionCookie(signedIn)

  const created = await request(path, {
    method: 'POST',
    headers: { cookie: session, 'idempotency-key': randomUUID() },
    body: row,
  })
  const listed = await request(path, { headers: { cookie: session } })

  expect(signedIn.status, signedIn.text).toBe(200)
  expect(session).toContain('__Secure-')
  expect(created.status, created.text).toBe(201)
  const { items } = listed.json() as { items: Record<string, unknown>[] }
  expect(items.map((item) => item[keyField])).toEqual([row[keyField]])
})

it('journey › without a session every route of a user answers 401 as a problem', async () => {
  const ofUsers = proof.requests.filter((each) => !each.path.startsWith('/api/auth/'))
  for (const each of ofUsers) {
    const answer = await request(
      each.path.replaceAll(/\{\w+\}/g, () => randomUUID()),
      {
        method: each.method,
        body: each.body,
      },
    )

    const name = `${each.method} ${each.path}`
    expect(answer.status, name).toBe(401)
    expect(answer.headers['content-type'], name).toContain('application/problem+json')
    expect((answer.json() as { request_id: string }).request_id, name).toBeTruthy()
  }
})

it('metrics › what was asked is scraped by Prometheus, by route pattern', async () => {
  await request('/api/me', { headers: { cookie } })

  const query = 'sum(http_requests_total{job="api",route="/api/me",status="200"})'
  const value = await eventually('the scrape', async () => {
    const url = `http://127.0.0.1:${stack().prometheusPort}/api/v1/query?query=${encodeURIComponent(query)}`
    const body = (await (await fetch(url)).json()) as { data: { result: { value: [number, string] }[] } }
    const found = Number(body.data.result[0]?.value[1] ?? 0)
    return found > 0 ? found : undefined
  })

  expect(value).toBeGreaterThan(0)
})

it('metrics › every target of Prometheus is up', async () => {
  const jobs = await eventually('all targets', async () => {
    const answer = await fetch(`http://127.0.0.1:${stack().prometheusPort}/api/v1/query?query=up`)
    const { data } = (await answer.json()) as {
      data: { result: { metric: { job: string }; value: [number, string] }[] }
    }
    const up = data.result.filter(({ value }) => value[1] === '1').map(({ metric }) => metric.job)
    return up.length >= 5 ? up.sort() : undefined
  })

  expect(jobs).toEqual(['api', 'backup', 'node', 'postgres', 'prometheus'])
})

it('outside › metrics, liveness and readiness are not reachable', async () => {
  for (const path of ['/metrics', '/livez', '/readyz', '/api/../readyz', '/api/%2e%2e/metrics']) {
    expect((await request(path)).status, path).toBe(404)
  }
})

it('outside › the welcome page and the API reference are served with security headers', async () => {
  const page = await request('/')
  const docs = await request('/api/docs')

  expect(page.status).toBe(200)
  expect(page.text).toContain('<title>Slipway</title>')
  expect(docs.status).toBe(200)
  for (const { headers } of [page, docs]) {
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['content-security-policy']).toBeTruthy()
    expect(headers).not.toHaveProperty('server')
  }
})

it('outside › HTTP/3 is offered, and plain HTTP is redirected to TLS', async () => {
  const page = await request('/')
  const redirect = await new Promise<{ status: number | undefined; location: string | undefined }>(
    (resolve, reject) => {
      httpRequest(
        {
          host: '127.0.0.1',
          port: stack().httpPort,
          path: '/api/me?x=1',
          headers: { host: 'localhost' },
          timeout: 10_000,
        },
        (incoming) => {
          incoming.resume()
          resolve({ status: incoming.statusCode, location: incoming.headers.location })
        },
      )
        .on('error', reject)
        .end()
    },
  )

  const { httpsPort } = stack()
  expect(page.headers['alt-svc']).toBe(`h3=":${httpsPort}"; ma=2592000`)
  expect(redirect).toEqual({ status: 308, location: `https://localhost:${httpsPort}/api/me?x=1` })
})

it('bad input › is refused with problems and never with 5xx', async () => {
  const headers = { cookie, 'content-type': 'application/json' }
  const attempts: [string, number, Promise<Answer>][] = [
    ['unknown route', 404, request('/api/nothing-here', { headers })],
    ['foreign id', 404, request(`${path}/${randomUUID()}`, { headers })],
    ['not an id', 404, request(`${path}/42`, { headers })],
    ['wrong types', 400, request(path, { method: 'POST', headers, body: { ...row, [keyField]: 7 } })],
    ['NUL byte', 400, request(path, { method: 'POST', headers, body: { ...row, [keyField]: 'a\u0000b' } })],
    [
      'oversized',
      413,
      request(path, { method: 'POST', headers, body: { [keyField]: 'x'.repeat(1_100_000) } }),
    ],
  ]

  for (const [name, status, pending] of attempts) {
    const answer = await pending
    expect(`${name} ${answer.status}`).toBe(`${name} ${status}`)
    expect(answer.headers['content-type'], name).toContain('application/problem+json')
  }
})
