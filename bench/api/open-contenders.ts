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

const profilerArgs = ({ profileFolder }: BenchOptions, name: string): string[] =>
  profileFolder === undefined
    ? []
    : [
        '--cpu-prof',
        `--cpu-prof-dir=${profileFolder}`,
        `--cpu-prof-name=${name.replaceAll(' ', '-')}.cpuprofile`,
      ]

const open = async (place: Place, name: string, args: string[], userId: string): Promise<Contender> => {
  const contender = await openContender({
    name,
    args: [...profilerArgs(place.options, name), ...args],
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

/** The API as it is, the API that takes everybody for one user, and the bare server: on one database, all running. */
export const openContenders = async (place: Place): Promise<Opened> => {
  const whole = await open(place, 'whole API', ['src/kit/bin/server.ts'], '')
  const user = await signUp(whole.port, publicUrl)
  const ids = await place.database.seed(user.id)
  const fixedSession = ['--import', './bench/api/without-session.ts']
  await open(place, 'without a session', [...fixedSession, 'src/kit/bin/server.ts'], user.id)
  await open(place, bareName, ['bench/api/bare-server.ts'], user.id)
  await requireSameAnswers(place.contenders, ids[0] ?? '', user.cookie)
  return { user, ids }
}
