import { spawnSync } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { AppError } from '../errors.ts'

/** The user a PostgreSQL server runs as; undefined keeps the caller's own. */
export type ServerAccount = { uid: number; gid: number } | undefined

/** `postgres` when a package created it, else an unprivileged user. No user is ever created. */
const candidates = ['postgres', 'nobody']

async function findAccount(): Promise<ServerAccount> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of candidates) {
    const found = lines.find((fields) => fields[0] === name)
    if (found !== undefined) return { uid: Number(found[2]), gid: Number(found[3]) }
  }
  throw new AppError(
    'internal',
    'no unprivileged user for PostgreSQL was found, and it refuses to run as root',
    {
      hint: 'run this as an ordinary user, or add a system user named postgres',
    },
  )
}

/**
 * Returns the account for a server: PostgreSQL refuses to run as root, so root uses the owner of existing data or an
 * unprivileged user.
 */
export async function serverAccount(dataFolder: string): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return undefined
  const owner = await stat(dataFolder).catch(() => undefined)
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  return findAccount()
}

/** Asks the system, because a parent folder that is closed to the account (0700 above the checkout) matters too. */
export function isReachable(path: string, flag: '-x' | '-w', account: ServerAccount): boolean {
  return spawnSync('test', [flag, path], { ...account, cwd: '/', stdio: 'ignore' }).status === 0
}
