import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How the API is started for a fault that needs surroundings of its own. */
export interface ApiLaunch {
  name: 'plain' | 'by name' | 'own clock' | 'short idle time-out' | 'hungry'
  /** The database's host in its URL. */
  host?: string
  env?: Record<string, string>
  /** A command that prepares the surroundings and then becomes the API. */
  through?: string[]
}

export const plainLaunch: ApiLaunch = { name: 'plain' }

/** Fires when the API has sat in an open transaction for a second. */
export const shortIdleLaunch: ApiLaunch = {
  name: 'short idle time-out',
  env: { DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS: '1000' },
}

/** Eats its memory from SIGUSR2 on, on a heap small enough to be full within seconds. */
export const hungryLaunch: ApiLaunch = {
  name: 'hungry',
  env: { NODE_OPTIONS: `--max-old-space-size=128 --import=${import.meta.resolve('./eat-memory.ts')}` },
}

const databaseName = 'database.drill'

export function hostsFile(folder: string): string {
  return join(folder, 'hosts')
}

/** `false`: the name is gone, and whoever is asked for it does not answer. */
export function resolve(folder: string, isKnown: boolean): Promise<void> {
  return writeFile(hostsFile(folder), `127.0.0.1 localhost\n${isKnown ? `127.0.0.1 ${databaseName}\n` : ''}`)
}

/** An address of this process alone, so that drills do not meet. */
const resolverAddress = `127.${100 + (process.pid % 100)}.${(process.pid >> 8) & 255}.${1 + (process.pid & 127)}`

/** Takes every question and answers none, until it is closed. */
export async function openSilentResolver(): Promise<() => void> {
  const socket = createSocket('udp4').bind(53, resolverAddress)
  await once(socket, 'listening')
  return () => socket.close()
}

/** What the image of the API sets: without it the API is slow to come back from a resolver that was silent. */
async function resolverOptions(): Promise<string> {
  const dockerfile = await readFile(new URL('../../../Dockerfile', import.meta.url), 'utf8')
  const found = /^ENV RES_OPTIONS="(.+)"$/m.exec(dockerfile)?.[1]
  if (found === undefined) throw new Error('the Dockerfile sets no RES_OPTIONS for the API')
  return found
}

/** In a mount namespace of its own, with a hosts file that a fault can change and a resolver where nobody listens yet. */
export async function launchByName(folder: string): Promise<ApiLaunch> {
  await resolve(folder, true)
  const resolver = join(folder, 'resolv.conf')
  await writeFile(resolver, `nameserver ${resolverAddress}\n`)
  const prepare = 'mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"'
  return {
    name: 'by name',
    host: databaseName,
    env: { RES_OPTIONS: await resolverOptions() },
    through: ['unshare', '--mount', 'sh', '-c', prepare, 'sh', hostsFile(folder), resolver],
  }
}

function clockLibrary(): string | undefined {
  return globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')[0]
}

export function whyNoClock(): string | undefined {
  return clockLibrary() === undefined ? 'libfaketime is missing (apt-get install faketime)' : undefined
}

function clockFile(folder: string): string {
  return join(folder, 'clock')
}

export function shiftClock(folder: string, seconds: number): Promise<void> {
  return writeFile(clockFile(folder), seconds < 0 ? `${seconds}\n` : `+${seconds}\n`)
}

/** With a wall clock that a fault can put forward and back; the monotonic one runs on, as on a real machine. */
export async function launchWithClock(folder: string): Promise<ApiLaunch> {
  await shiftClock(folder, 0)
  return {
    name: 'own clock',
    env: {
      LD_PRELOAD: clockLibrary() ?? '',
      FAKETIME_TIMESTAMP_FILE: clockFile(folder),
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  }
}

export function whyNoNamespace(): string | undefined {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/unshare')
    ? undefined
    : 'a mount namespace needs root and unshare'
}
