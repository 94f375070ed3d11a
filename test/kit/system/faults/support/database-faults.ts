import { setTimeout as wait } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'

import { compose, containerOf, docker, eventually, sql } from '../../../support/stack.ts'

/** A command in the container of the database, as the user of the server. */
export function inDatabase(script: string): Promise<string> {
  return compose('exec', '-T', 'db', 'bash', '-c', script)
}

/** The server's own log since a moment, each line with the engine's time. */
async function logSince(sinceMs: number): Promise<string[]> {
  const since = new Date(sinceMs).toISOString()
  const log = await compose('logs', '--no-color', '--no-log-prefix', '--timestamps', '--since', since, 'db')
  // Compose clears the line before each, also where no terminal is.
  return stripVTControlCharacters(log).split('\n')
}

/** When the server said, after `sinceMs`, that it accepts connections. */
export function acceptedAfter(sinceMs: number): Promise<number> {
  return eventually('PostgreSQL accepts', async () => {
    const line = (await logSince(sinceMs)).findLast((each) => each.includes('ready to accept connections'))
    return line === undefined ? undefined : Date.parse(line.split(' ')[0] ?? '')
  })
}

/** How often the server's log has said so since a moment: that a fault was felt is a fact and not a hope. */
export async function timesLogged(text: string, sinceMs: number): Promise<number> {
  return (await logSince(sinceMs)).filter((line) => line.includes(text)).length
}

/** While `on` holds for new sessions of the API, and the old ones are gone. */
export async function whileRole(
  on: string,
  off: string,
  { holdMs, struck }: { holdMs: number; struck: () => void },
): Promise<number> {
  const endSessions = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'app'"
  await sql(`ALTER ROLE app ${on}`)
  try {
    await sql(endSessions)
    struck()
    await wait(holdMs)
  } finally {
    await sql(`ALTER ROLE app ${off}`)
    await sql(endSessions)
  }
  return Date.now()
}

/** Takes the database off its network, name and all, and puts it back, as Compose had put it there. */
export async function partition(network: string, holdMs: number, struck: () => void): Promise<number> {
  const db = await containerOf('db')
  await docker('network', 'disconnect', network, db)
  struck()
  try {
    await wait(holdMs)
  } finally {
    await docker('network', 'connect', '--alias', 'db', network, db)
  }
  return Date.now()
}

/** Stops every process of the service in its tracks; again and again, until they stand where `isCaught` wants them. */
export async function freeze(
  service: string,
  holdMs: number,
  isCaught = (): Promise<boolean> => Promise.resolve(true),
): Promise<number> {
  const container = await containerOf(service)
  await docker('pause', container)
  try {
    while (!(await isCaught())) {
      await docker('unpause', container)
      await docker('pause', container)
    }
    await wait(holdMs)
  } finally {
    await docker('unpause', container)
  }
  return Date.now()
}
