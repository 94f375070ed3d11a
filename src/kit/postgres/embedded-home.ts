import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, realpath, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AppError } from '../errors.ts'
import { isReachable, serverAccount } from './server-account.ts'

async function makeAside(wanted: string): Promise<string> {
  const id = createHash('sha256').update(wanted).digest('hex').slice(0, 12)
  const aside = `/var/lib/slipway-embedded-${id}`
  await mkdir(aside, { recursive: true, mode: 0o711 })
  await symlink(aside, wanted)
  return aside
}

/**
 * The folder for an embedded server's files: `wanted`, unless a closed folder above it (a checkout under /root) keeps
 * out the user the server runs as. Then it is a folder in /var/lib, and `wanted` a link to it.
 */
export async function embeddedHome(folder: string): Promise<string> {
  const wanted = resolve(folder)
  const parent = dirname(wanted)
  await mkdir(parent, { recursive: true, mode: 0o711 })
  // The server's user needs to traverse this folder, not to list it.
  await chmod(parent, 0o711)
  const existing = await lstat(wanted).catch(() => undefined)
  if (existing?.isSymbolicLink() === true) return realpath(wanted)
  if (isReachable(parent, '-x', await serverAccount(join(wanted, 'data')))) return wanted
  if (existing === undefined) return makeAside(wanted)
  throw new AppError('internal', `${wanted} cannot be reached by the user that owns it`, {
    hint: 'a folder above it is closed (chmod o+x it), or the checkout was moved there with its data',
  })
}
