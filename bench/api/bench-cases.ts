import { proof } from '#app/proof'
import type { Requests } from './open-load.ts'
import type { CaseName } from './parse-options.ts'

export interface BenchCase {
  name: CaseName
  requests: Requests
}

function request(method: string, path: string, cookie: string, body?: unknown): Buffer {
  const json = body === undefined ? '' : JSON.stringify(body)
  const head = [
    `${method} ${path} HTTP/1.1`,
    'host: localhost',
    'accept: application/json',
    `cookie: ${cookie}`,
    ...(body === undefined
      ? []
      : ['content-type: application/json', `content-length: ${Buffer.byteLength(json)}`]),
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${json}`)
}

const { path, sample } = proof.row

const insertBodies = 100

function allCases(ids: readonly string[], cookie: string): BenchCase[] {
  return [
    { name: 'point read', requests: ids.map((id) => request('GET', `${path}/${id}`, cookie)) },
    { name: 'list', requests: [request('GET', `${path}?limit=20`, cookie)] },
    {
      name: 'insert',
      requests: Array.from({ length: insertBodies }, (_, number) =>
        request('POST', path, cookie, sample(number)),
      ),
    },
  ]
}

/** Byte for byte the same for every contender: also those that look at no cookie are sent one. */
export function benchCases(ids: readonly string[], cookie: string, only: CaseName | undefined): BenchCase[] {
  return allCases(ids, cookie).filter(({ name }) => only === undefined || name === only)
}
