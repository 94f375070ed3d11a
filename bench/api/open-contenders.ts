import type { BenchDatabase } from './open-bench-database.ts'
import { openContender, type Contender } from './open-contender.ts'
import type { BenchOptions } from './parse-options.ts'
import type { Pinning } from './pin-processes.ts'
import { requireSameAnswers } from './require-same-answers.ts'
import { signUp, type BenchUser } from './sign-up.ts'

export const bareName = 'bare'

export interface Place {
  options: BenchOptions
  pinning: Pinning
  database: BenchDatabase
  /** For the logs. */
  folder: string
  /** Those that are open so far, also when the next one fails. */
  contenders: Contender[]
}

export interface Opened {
  user: BenchUser
  /** Of rows that belong to this user. */
  ids: string[]
}

const publicUrl = 'http://localhost:3000'

function profilerArgs({ profileFolder }: BenchOptions, name: string): string[] {
  return profileFolder === undefined
    ? []
    : [
        '--cpu-prof',
        `--cpu-prof-dir=${profileFolder}`,
        `--cpu-prof-name=${name.replaceAll(' ', '-')}.cpuprofile`,
      ]
}

interface Entry {
  name: string
  entry: string
  options?: string[]
}

async function open(place: Place, { name, entry, options = [] }: Entry, userId = ''): Promise<Contender> {
  const contender = await openContender({
    name,
    entry,
    options: [...profilerArgs(place.options, name), ...options],
    env: {
      DATABASE_URL: place.database.url,
      DATABASE_POOL_SIZE: '10',
      AUTH_SECRET: 'a secret of more than thirty-two characters',
      PUBLIC_URL: publicUrl,
      HTTP_PORT: '0',
      METRICS_PORT: '0',
      BENCH_USER_ID: userId,
    },
    folder: place.folder,
    prefix: place.pinning.serverPrefix,
  })
  place.contenders.push(contender)
  return contender
}

const server = 'src/kit/bin/server.ts'

/** Opens on one database: the API, the API with a fixed session, and the bare server. */
export async function openContenders(place: Place): Promise<Opened> {
  const whole = await open(place, { name: 'whole API', entry: server })
  const user = await signUp(whole.port, publicUrl)
  const ids = await place.database.seed(user.id)
  const options = ['--import', import.meta.resolve('./without-session.ts')]
  await open(place, { name: 'without a session', entry: server, options }, user.id)
  await open(place, { name: bareName, entry: 'bench/api/bare-server.ts' }, user.id)
  await requireSameAnswers(place.contenders, ids[0] ?? '', user.cookie)
  return { user, ids }
}
