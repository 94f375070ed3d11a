import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import type { ServerAccount } from './server-account.ts'
import { runServerProgram, type ServerPlace } from './server-program.ts'

export interface ClusterSettings {
  /** Password of `postgres`, required of every connection; without it the server trusts every connection. */
  superuserPassword?: string
  /** Encoding and locale, as arguments of initdb. */
  shape?: string[]
  /** false writes nothing through to the disk. */
  isDurable: boolean
  /** The error for an initdb that fails, from the lines that it wrote. */
  explainEnd: (lines: string[]) => Error
}

/** The same options as the database container uses. */
const usualShape = [
  '--encoding=UTF8',
  process.platform === 'darwin' ? '--locale=en_US.UTF-8' : '--locale=C.UTF-8',
]

/**
 * Makes the data folder of the place by initdb, with checksums of its pages. The folder appears when it is whole: an initdb that
 * was killed is repeated. Throws the error of `explainEnd` when initdb fails.
 */
export async function makeCluster(place: ServerPlace, settings: ClusterSettings): Promise<void> {
  const partial = `${place.data}.partial`
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { recursive: true, mode: 0o700 })
  await own(partial, place.account)
  const initdb = async (access: string[]): Promise<void> => {
    const args = [`--pgdata=${partial}`, '--username=postgres', '--data-checksums', ...access]
    const { shape = usualShape, isDurable, explainEnd } = settings
    const more = [...shape, '--no-instructions', ...(isDurable ? [] : ['--no-sync'])]
    const program = await runServerProgram(place, 'initdb', [...args, ...more])
    if ((await program.exited) !== 0) throw explainEnd(await program.readLines())
  }
  await withPassword(place, settings.superuserPassword, initdb)
  await rename(partial, place.data)
}

/** Passes the password in a file that only the account can read: arguments are visible in /proc. */
async function withPassword(
  { data, account }: ServerPlace,
  password: string | undefined,
  use: (access: string[]) => Promise<void>,
): Promise<void> {
  if (password === undefined) return use(['--auth=trust'])
  const file = `${data}.password`
  try {
    await writeFile(file, `${password}\n`, { mode: 0o600 })
    await own(file, account)
    await use([`--pwfile=${file}`, '--auth=scram-sha-256'])
  } finally {
    await rm(file, { force: true })
  }
}

async function own(path: string, account: ServerAccount): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid)
}
