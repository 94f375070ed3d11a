import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Transform } from 'node:stream'

export type Farewell = 'silent' | 'half-closed' | 'reset'

interface Pair {
  client: Socket
  /** Absent when it arrived in a partition. */
  upstream?: Socket
  /** On the wrong side of a partition: nothing passes any more. */
  isLost: boolean
  /** What the client says still arrives; what the server answers does not. */
  isMute?: boolean
}

export interface DatabaseProxy {
  port: number
  /** The same URL, by way of this proxy. */
  through: (databaseUrl: string) => string
  /** Connections that have arrived so far. */
  accepted: () => number
  /** Cuts every connection and refuses new ones, like a server that is down. */
  goAway: () => Promise<void>
  /** Holds every byte back and keeps the connections, like a machine that is frozen. */
  freeze: () => void
  thaw: () => void
  /** Forgets the connections of now without a word, like a failover; new ones work. The server finds out by its keepalives. */
  strand: () => void
  /** Cuts the connections of now with a reset; new ones work. */
  reset: () => void
  /** Ends the connections of now with a FIN; new ones work. */
  hangUp: () => void
  /** Ends every new connection with a FIN before a word was said, until `false`. */
  hangUpOnArrival: (isOn: boolean) => void
  /** Packets vanish in both directions, those of new connections too; the server is told nothing. */
  partition: () => void
  /** Ends a partition. Connections from before and within are dead: without a word, by a FIN or by a reset. */
  heal: (how: Farewell) => void
  /** Where new connections go from now on. */
  sendTo: (port: number) => void
  /** The next answer with these words is lost, and all that its connection would have heard after it. */
  loseAnswer: (words: string) => void
  /** New connections are told other numbers of their backends than the server has, as by a pooler. */
  numberBackends: () => void
  /** Every chunk in either direction arrives this much later. */
  delayBy: (ms: number) => void
  comeBack: () => Promise<void>
  close: () => Promise<void>
}

/** In production after 45 s (ops/postgres/postgresql.conf); until then a vanished client's locks stay. */
const keepaliveMs = 8_000

/** BackendKeyData with its length; the number of the backend follows, then a secret. */
const backendKey = Buffer.from('4b0000000c', 'hex')

function renumber(chunk: Buffer): void {
  const at = chunk.indexOf(backendKey)
  if (at !== -1) chunk.writeUInt32BE(2 ** 31 + 1, at + backendKey.length)
}

/** Stands before PostgreSQL, so that a test can take the database away from one process alone. */
export async function openDatabaseProxy(host: string, port: number): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>()
  const pairs = new Set<Pair>()
  const state = {
    isFrozen: false,
    isParted: false,
    hangsUp: false,
    renumbers: false,
    delayMs: 0,
    accepted: 0,
    upstream: port,
  }
  let toLose: string | undefined
  const isLostAnswer = (pair: Pair, chunk: Buffer): boolean => {
    if (toLose !== undefined && chunk.includes(toLose)) {
      toLose = undefined
      pair.isMute = true
    }
    return pair.isMute === true
  }
  const slowly = (pair: Pair, from: Socket): Transform =>
    new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        if (state.renumbers && from === pair.upstream) renumber(chunk)
        if (pair.isLost || (from === pair.upstream && isLostAnswer(pair, chunk))) done()
        else if (state.delayMs === 0) done(null, chunk)
        else setTimeout(done, state.delayMs, null, chunk)
      },
    })
  const join = (pair: Pair, from: Socket, to: Socket): void => {
    const pass = (): void => {
      if (!pair.isLost) to.destroy()
    }
    sockets.add(from)
    from.on('error', pass)
    from.on('close', () => {
      sockets.delete(from)
      if (!pair.isLost) pairs.delete(pair)
      pass()
    })
    const passing = from.pipe(slowly(pair, from))
    passing.on('end', () => {
      if (!pair.isLost) to.end()
    })
    passing.pipe(to, { end: false })
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
    if (state.isParted) {
      pairs.add({ client: client.on('error', () => undefined).resume(), isLost: true })
      return
    }
    const upstream = connect(state.upstream, host)
    const pair = { client, upstream, isLost: false }
    pairs.add(pair)
    join(pair, client, upstream)
    join(pair, upstream, client)
  })
  const open = async (at: number): Promise<number> => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const own = await open(0)
  const reset = (): void => {
    for (const { client } of pairs) client.resetAndDestroy()
  }
  const forgetLost = (): void => {
    for (const pair of pairs) {
      if (!pair.isLost) continue
      pair.client.destroy()
      pair.upstream?.destroy()
      pairs.delete(pair)
    }
  }
  const lose = (): void => {
    for (const pair of pairs) pair.isLost = true
  }
  const tellServerLater = (): void => {
    const lost = [...pairs].filter(({ isLost }) => isLost)
    setTimeout(() => lost.forEach(({ upstream }) => upstream?.destroy()), keepaliveMs).unref()
  }
  const strand = (): void => {
    lose()
    tellServerLater()
  }
  const partition = (): void => {
    forgetLost()
    state.isParted = true
    lose()
  }
  const heal = (how: Farewell): void => {
    state.isParted = false
    if (how === 'silent') tellServerLater()
    else
      for (const { client, upstream } of [...pairs].filter(({ isLost }) => isLost)) {
        upstream?.destroy()
        if (how === 'reset') client.resetAndDestroy()
        else client.end()
      }
  }
  const goAway = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    forgetLost()
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }
  const pauseAll = (): void => {
    for (const socket of sockets) socket.pause()
  }
  return {
    port: own,
    through: (databaseUrl) => {
      const url = new URL(databaseUrl)
      url.hostname = '127.0.0.1'
      url.port = String(own)
      return url.href
    },
    accepted: () => state.accepted,
    goAway,
    freeze: () => {
      state.isFrozen = true
      pauseAll()
    },
    strand,
    thaw: () => {
      state.isFrozen = false
      for (const socket of sockets) socket.resume()
    },
    reset,
    hangUp: () => {
      for (const { client } of pairs) client.end()
    },
    partition,
    heal,
    sendTo: (other) => (state.upstream = other),
    hangUpOnArrival: (isOn) => (state.hangsUp = isOn),
    loseAnswer: (words) => (toLose = words),
    numberBackends: () => (state.renumbers = true),
    delayBy: (ms) => (state.delayMs = ms),
    comeBack: async () => {
      await open(own)
    },
    close: goAway,
  }
}
