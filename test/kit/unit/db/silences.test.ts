import { describe, expect, it } from 'vitest'
import type { PoolConnection } from '../../../../src/kit/postgres/pool-connections.ts'
import { createSilentConnections, type SilentConnection } from '../../../../src/kit/db/dead-connections.ts'

interface PlayedConnection extends PoolConnection {
  backend: { pid: number | null }
  awaited: { bytesRead: number } | null
  givenUp: string[]
}

function play(pid: number | null): PlayedConnection {
  const givenUp: string[] = []
  return { backend: { pid }, awaited: { bytesRead: 7 }, givenUp, giveUp: (code) => void givenUp.push(code) }
}

function open(...connections: PlayedConnection[]) {
  const silentConnections = createSilentConnections(connections)
  const pidsAt = (nowMs: number): unknown[] =>
    silentConnections.look(nowMs).map(({ connection }) => connection.backend.pid)
  const answer = (asked: readonly SilentConnection[], beganMs: number, ...busy: number[]): boolean =>
    silentConnections.judge({ asked, beganMs, busy: new Set(busy) }, beganMs + 10)
  return { ...silentConnections, pidsAt, answer }
}

describe('a silence', () => {
  it('lasts too long after 500 ms in which something waits and no byte comes', () => {
    const { pidsAt } = open(play(1))

    expect([pidsAt(1_000), pidsAt(1_499), pidsAt(1_500)]).toEqual([[], [], [1]])
  })

  it('ends with a byte', () => {
    const connection = play(1)
    const { pidsAt } = open(connection)
    pidsAt(1_000)

    connection.awaited = Object.assign(connection.awaited ?? {}, { bytesRead: 8 })

    expect([pidsAt(1_500), pidsAt(2_000)]).toEqual([[], [1]])
  })

  it('does not pass from one statement to the next', () => {
    const connection = play(1)
    const { pidsAt } = open(connection)
    const socket = connection.awaited
    pidsAt(1_000)

    connection.awaited = null
    const between = pidsAt(1_400)
    connection.awaited = socket

    expect([between, pidsAt(1_500), pidsAt(1_999), pidsAt(2_000)]).toEqual([[], [], [], [1]])
  })

  it('does not pass from one socket to the next, of which nothing was heard either', () => {
    const connection = play(null)
    const { pidsAt } = open(connection)
    pidsAt(1_000)

    connection.awaited = { bytesRead: 7 }

    expect([pidsAt(1_500), pidsAt(2_000)]).toEqual([[], [null]])
  })
})

describe('a connection that waits', () => {
  it('is given up when two answers in a row know of no work for it', () => {
    const connection = play(1)
    const { look, answer } = open(connection)
    look(0)

    expect(answer(look(500), 500, 2)).toBe(true)
    expect(connection.givenUp).toEqual([])
    expect(answer(look(650), 650, 2)).toBe(false)

    expect(connection.givenUp).toEqual(['CONNECTION_SILENT'])
  })

  it('is given up while it connects, when two others have connected meanwhile', () => {
    const connection = play(null)
    const { look, answer } = open(connection)
    look(0)

    answer(look(500), 500)
    answer(look(650), 650)

    expect(connection.givenUp).toEqual(['CONNECTION_SILENT'])
  })

  it('is left alone as long as its backend has work, and is silent anew from each answer that says so', () => {
    const connection = play(1)
    const { look, pidsAt, answer } = open(connection)
    look(0)

    answer(look(500), 500)
    answer(look(650), 650, 1)

    expect([pidsAt(1_159), pidsAt(1_160)]).toEqual([[], [1]])
    answer(look(1_160), 1_160)
    expect(connection.givenUp).toEqual([])
  })

  it('is not given up by a question that was sent before the first answer, or right after it', () => {
    const connection = play(1)
    const { look, answer } = open(connection)
    look(0)
    const [early, late] = [look(500), look(750)]

    expect(answer(early, 760)).toBe(true)
    expect(answer(late, 750)).toBe(true)
    expect(answer(look(860), 860)).toBe(true)

    expect(connection.givenUp).toEqual([])
    expect(answer(look(870), 870)).toBe(false)
    expect(connection.givenUp).toHaveLength(1)
  })

  it('is not given up when it was heard before the answer came', () => {
    const connection = play(1)
    const { look, answer } = open(connection)
    look(0)
    answer(look(500), 500)
    const asked = look(650)

    connection.awaited = null

    expect(answer(asked, 650)).toBe(false)
    expect(connection.givenUp).toEqual([])
  })

  it('is judged by itself: one is given up, and the one beside it works on', () => {
    const [dead, alive] = [play(1), play(2)]
    const { look, answer } = open(dead, alive)
    look(0)

    answer(look(500), 500, 2)
    answer(look(650), 650, 2)

    expect([dead.givenUp, alive.givenUp]).toEqual([['CONNECTION_SILENT'], []])
  })
})
