import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface DatabaseProxy {
  port: number
  /** Cuts every connection and refuses new ones, like a server that is down. */
  goAway: () => Promise<void>
  /** Holds every byte back and keeps the connections, like a machine that is frozen. */
  freeze: () => void
  thaw: () => void
  /** Forgets the connections of now without a word, like a failover; new ones work. */
  strand: () => void
  comeBack: () => Promise<void>
  close: () => Promise<void>
}

/** Stands before PostgreSQL, so that a test can take the database away from one process alone. */
export const openDatabaseProxy = async (host: string, port: number): Promise<DatabaseProxy> => {
  const sockets = new Set<Socket>()
  let isFrozen = false
  const server = createServer((client) => {
    const upstream = connect(port, host)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
      if (isFrozen) from.pause()
    }
  })
  const open = async (at: number): Promise<number> => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const own = await open(0)
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
    goAway,
    freeze: () => {
      isFrozen = true
      pauseAll()
    },
    strand: pauseAll,
    thaw: () => {
      isFrozen = false
      for (const socket of sockets) socket.resume()
    },
    comeBack: async () => {
      await open(own)
    },
    close: goAway,
  }
}
