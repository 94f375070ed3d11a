import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Transform } from 'node:stream'

export interface DatabaseProxy {
  port: number
  /** Connections that have arrived so far. */
  accepted: () => number
  /** Cuts every connection and refuses new ones, like a server that is down. */
  goAway: () => Promise<void>
  /** Holds every byte back and keeps the connections, like a machine that is frozen. */
  freeze: () => void
  thaw: () => void
  /** Forgets the connections of now without a word, like a failover; new ones work. */
  strand: () => void
  /** Cuts the connections of now with a reset; new ones work. */
  reset: () => void
  /** Ends the connections of now with a FIN; new ones work. */
  hangUp: () => void
  /** Ends every new connection with a FIN before a word was said, until `false`. */
  hangUpOnArrival: (isOn: boolean) => void
  /** Every chunk in either direction arrives this much later. */
  delayBy: (ms: number) => void
  comeBack: () => Promise<void>
  close: () => Promise<void>
}

/** Stands before PostgreSQL, so that a test can take the database away from one process alone. */
export const openDatabaseProxy = async (host: string, port: number): Promise<DatabaseProxy> => {
  const sockets = new Set<Socket>()
  const clients = new Set<Socket>()
  const state = { isFrozen: false, hangsUp: false, delayMs: 0, accepted: 0 }
  const slowly = (): Transform =>
    new Transform({
      transform: (chunk, _encoding, done) => {
        if (state.delayMs === 0) done(null, chunk)
        else setTimeout(done, state.delayMs, null, chunk)
      },
    })
  const join = (from: Socket, to: Socket): void => {
    sockets.add(from)
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      clients.delete(from)
      to.destroy()
    })
    from.pipe(slowly()).pipe(to)
    if (state.isFrozen) from.pause()
  }
  const server = createServer((client) => {
    state.accepted += 1
    if (state.hangsUp) {
      client
        .on('error', () => undefined)
        .resume()
        .end()
      return
    }
    const upstream = connect(port, host)
    clients.add(client)
    join(client, upstream)
    join(upstream, client)
  })
  const open = async (at: number): Promise<number> => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const own = await open(0)
  const reset = (): void => {
    for (const client of clients) client.resetAndDestroy()
  }
  const goAway = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }
  const pauseAll = (): void => {
    for (const socket of sockets) socket.pause()
  }
  return {
    port: own,
    accepted: () => state.accepted,
    goAway,
    freeze: () => {
      state.isFrozen = true
      pauseAll()
    },
    strand: pauseAll,
    thaw: () => {
      state.isFrozen = false
      for (const socket of sockets) socket.resume()
    },
    reset,
    hangUp: () => {
      for (const client of clients) client.end()
    },
    hangUpOnArrival: (isOn) => (state.hangsUp = isOn),
    delayBy: (ms) => (state.delayMs = ms),
    comeBack: async () => {
      await open(own)
    },
    close: goAway,
  }
}
