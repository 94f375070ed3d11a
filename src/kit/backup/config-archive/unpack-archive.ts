import { chmod, chown, mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from '../../host/durable-file.ts'
import type { OpenedArchive } from './open-archive.ts'
import type { TarEntry } from './tar-format.ts'

/** Numeric ids on the host. */
export interface Operator {
  uid: number
  gid: number
}

async function writeNew(file: string, content: Buffer): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Maps the archived operator to the present one. Container users have the same ids on every machine. */
function ownerOf(entry: TarEntry, then: Operator, now: Operator): Operator {
  return {
    uid: entry.uid === then.uid ? now.uid : entry.uid,
    gid: entry.gid === then.gid ? now.gid : entry.gid,
  }
}

/**
 * Unpacks an archive into the empty folder `into`. The folder is private to its owner until each file has
 * its final owner and mode.
 */
export async function unpackArchive(
  { manifest, entries }: OpenedArchive,
  into: string,
  operator: Operator,
): Promise<void> {
  for (const { path, kind, content } of entries) {
    const target = join(into, path)
    await mkdir(kind === 'folder' ? target : dirname(target), { recursive: true, mode: 0o700 })
    if (kind === 'file') await writeNew(target, content)
  }
  // Innermost entries first: a folder without search permission would make its content unreachable.
  for (const entry of entries.toReversed()) {
    const target = join(into, entry.path)
    const { uid, gid } = ownerOf(entry, manifest.operator, operator)
    await chown(target, uid, gid)
    await chmod(target, entry.mode)
    if (entry.kind === 'folder') await syncFolder(target)
  }
  await syncFolder(into)
}
