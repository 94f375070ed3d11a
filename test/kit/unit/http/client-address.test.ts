import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { createClientAddresses } from '../../../../src/kit/http/server/client-address.ts'

function request(remoteAddress: string | undefined, forwardedFor?: string | string[]) {
  return {
    socket: { remoteAddress },
    headers: { 'x-forwarded-for': forwardedFor },
  } as unknown as IncomingMessage
}

const addresses = createClientAddresses(['172.16.0.0/12', 'fd00::/8', '192.0.2.9'])

describe('client address', () => {
  test.each([
    ['a stranger is who its socket says', '203.0.113.7', undefined, '203.0.113.7'],
    ['a stranger cannot choose its address', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['a trusted proxy names its client', '172.18.0.5', '198.51.100.1', '198.51.100.1'],
    ['only the hop that the proxy wrote counts', '172.18.0.5', '10.0.0.1, 198.51.100.1', '198.51.100.1'],
    ['a list over two headers is one list', '172.18.0.5', ['1.1.1.1', '198.51.100.1'], '198.51.100.1'],
    ['a dual-stack socket shows plain IPv4', '::ffff:203.0.113.7', undefined, '203.0.113.7'],
    ['a dual-stack socket of a proxy is trusted', '::ffff:172.18.0.5', '198.51.100.1', '198.51.100.1'],
    ['a mapped hop is plain IPv4', '172.18.0.5', '::ffff:198.51.100.1', '198.51.100.1'],
    ['a proxy over IPv6 is trusted', 'fd00::5', '2001:db8::1', '2001:db8::1'],
    ['a single address is a range too', '192.0.2.9', '198.51.100.1', '198.51.100.1'],
    ['nonsense from the proxy falls back to its own address', '172.18.0.5', 'unknown', '172.18.0.5'],
    ['an empty hop falls back', '172.18.0.5', '198.51.100.1, ', '172.18.0.5'],
    ['a proxy that says nothing is its own client', '172.18.0.5', undefined, '172.18.0.5'],
    ['a socket that is gone has no address', undefined, '198.51.100.1', ''],
  ])('%s', (_promise, peer, forwardedFor, expected) => {
    expect(addresses.addressOf(request(peer, forwardedFor))).toBe(expected)
  })

  test('without trusted proxies nobody is believed', () => {
    const none = createClientAddresses([])

    expect(none.addressOf(request('127.0.0.1', '198.51.100.1'))).toBe('127.0.0.1')
    expect(none.isFromProxy(request('127.0.0.1'))).toBe(false)
  })

  test('a range that is none is refused at once', () => {
    expect(() => createClientAddresses(['172.16.0.0/99'])).toThrow()
    expect(() => createClientAddresses(['caddy'])).toThrow()
  })
})
