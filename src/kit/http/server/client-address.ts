import { BlockList, isIP } from 'node:net'
import type { IncomingMessage } from 'node:http'

export interface ClientAddresses {
  /** Returns the address of the client, as far as it can be trusted. */
  addressOf(incoming: IncomingMessage): string
  isFromProxy(incoming: IncomingMessage): boolean
}

/**
 * Uses the peer of the socket or, when the peer is a trusted proxy, the last hop of X-Forwarded-For, which that proxy
 * wrote. The client could forge every earlier hop and so choose its rate-limit bucket.
 */
export function createClientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const trusted = blockList(trustedProxies)
  const isFromProxy = (incoming: IncomingMessage) => {
    const peer = peerOf(incoming)
    return isIP(peer) !== 0 && trusted.check(peer, family(peer))
  }
  return {
    isFromProxy,
    addressOf: (incoming) => (isFromProxy(incoming) ? lastHop(incoming) : undefined) ?? peerOf(incoming),
  }
}

function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [network = '', prefix] = cidr.split('/')
    if (prefix === undefined) list.addAddress(network, family(network))
    else list.addSubnet(network, Number(prefix), family(network))
  }
  return list
}

function peerOf(incoming: IncomingMessage): string {
  return plain(incoming.socket.remoteAddress ?? '')
}

function lastHop(incoming: IncomingMessage): string | undefined {
  const header = incoming.headers['x-forwarded-for']
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',')
  const hop = plain(hops.at(-1)?.trim() ?? '')
  return isIP(hop) === 0 ? undefined : hop
}

/** A dual-stack socket shows IPv4 as ::ffff:192.0.2.1, which would be counted as another address. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
