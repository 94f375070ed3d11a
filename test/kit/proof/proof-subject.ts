import { fillRequest, type Proof, type ProofRequest } from '../../../src/kit/proof.ts'
import type { TestApp } from '../support/test-app.ts'

/** An application on a database of its own, and what its proof.ts says of it. */
export interface ProofSubject {
  open: () => Promise<TestApp>
  proof: Proof
}

/** Those of the application; the kit has tests of its own for Better Auth. */
export function requestsOf({ requests }: Proof): ProofRequest[] {
  return requests.filter(({ path }) => !path.startsWith('/api/auth/'))
}

/** As the OpenAPI document would write it, with each parameter as `{id}`: `GET /api/parcels/{id}`. */
export function routeOf({ method, path }: { method: string; path: string }): string {
  return `${method} ${path.replace(/\?.*/, '').replaceAll(/\{\w+\}/g, '{id}')}`
}

/** Names of saved ids in its path and body. */
export function idsIn({ path, body }: ProofRequest): string[] {
  return [...`${path}${JSON.stringify(body ?? '')}`.matchAll(/\{(\w+)\}/g)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'run')
}

/** Operations that need a session, as routeOf() writes them. */
export async function guardedRoutes(url: string): Promise<string[]> {
  const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { responses: Record<string, unknown> }>>
  }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { responses }]) => '401' in responses)
      .map(([method]) => routeOf({ method: method.toUpperCase(), path })),
  )
}

/** Sends a filled request with this session, or without one. */
export function sendAs(
  url: string,
  { method, path, body, headers = {} }: ProofRequest,
  cookie?: string,
): Promise<Response> {
  return fetch(url + path, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
      ...(cookie !== undefined && { cookie }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

/**
 * Sends the requests as a user of this session, all but those that delete, and returns the values of `{name}` with the status
 * of each request.
 */
export async function sendAll(url: string, proof: Proof, cookie: string, run: string) {
  const values: Record<string, string> = { run }
  const statuses = new Map<ProofRequest, number>()
  for (const request of requestsOf(proof).filter(({ method }) => method !== 'DELETE')) {
    const response = await sendAs(url, fillRequest(request, values), cookie)
    statuses.set(request, response.status)
    const text = await response.text()
    if (request.save !== undefined) values[request.save] = (JSON.parse(text) as { id: string }).id
  }
  return { values, statuses }
}
