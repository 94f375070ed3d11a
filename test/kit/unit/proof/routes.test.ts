import { describe, expect, test } from 'vitest'
import { fillRequest } from '../../../../src/kit/proof.ts'
import { idsIn, routeOf } from '../../proof/proof-subject.ts'

describe('requests of a proof', () => {
  test.each([
    ['/api/parcels?limit=5', 'GET /api/parcels'],
    ['/api/parcels/{parcel}', 'GET /api/parcels/{id}'],
    ['/api/parcels/mine', 'GET /api/parcels/mine'],
    ['/api/parcels/{parcel}/items/{item}?x={run}', 'GET /api/parcels/{id}/items/{id}'],
  ])('are told apart by method, path and parameters, and by nothing else: %s', (path, route) => {
    expect(routeOf({ method: 'GET', path })).toBe(route)
  })

  test('name saved ids in path and body, and not {run}', () => {
    const body = { label: '{run}', inside: '{box}' }

    expect(idsIn({ method: 'POST', path: '/api/parcels/{parcel}', body })).toEqual(['parcel', 'box'])
    expect(idsIn({ method: 'POST', path: '/api/parcels', body: { label: '{run}' } })).toEqual([])
  })

  test('are filled in path, body and headers, but for names without a value', () => {
    const request = {
      method: 'POST',
      path: '/a/{a}',
      body: { b: '{a}{b}' },
      headers: { c: '{run}' },
    } as const

    expect(fillRequest(request, { a: '1', run: 'x' })).toEqual({
      method: 'POST',
      path: '/a/1',
      body: { b: '1{b}' },
      headers: { c: 'x' },
    })
  })
})
