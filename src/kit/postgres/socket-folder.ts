import { chown, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerAccount } from './server-account.ts'
import type { Parameters } from './start-server.ts'

/** Part of the name of the socket. */
export const socketPort = 5432

const accessFile = 'pg_hba.conf'

/**
 * Makes a folder for the socket of one server, in the temporary folder because PostgreSQL limits socket paths to 107
 * bytes. Only the account can enter it: the server accepts any role from a process that reaches the socket.
 */
export async function openSocketFolder(name: string, account: ServerAccount): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`))
  const access = join(folder, accessFile)
  await writeFile(access, 'local all all trust\n', { mode: 0o600 })
  if (account !== undefined) {
    for (const path of [folder, access]) await chown(path, account.uid, account.gid)
  }
  return folder
}

/** Parameters of a server that listens on a socket in the folder and nowhere else. */
export function socketParameters(folder: string): Parameters {
  return {
    listen_addresses: '',
    port: String(socketPort),
    unix_socket_directories: folder,
    hba_file: join(folder, accessFile),
  }
}

/** The address of a database on the socket in the folder, for the driver. */
export function socketUrl(folder: string, role: string, database: string): string {
  return `postgres://${encodeURIComponent(role)}@localhost:${socketPort}/${encodeURIComponent(database)}?host=${encodeURIComponent(folder)}`
}
