/** A regular file, or a folder entry. */
export interface TarEntry {
  /** Without a leading and a trailing slash. */
  path: string
  kind: 'file' | 'folder'
  mode: number
  uid: number
  gid: number
  content: Buffer
}

const blockBytes = 512
const nameBytes = 100
const types = { file: '0', folder: '5', longPath: 'x' } as const
/**
 * Seven octal digits, the limit of the tar header. A larger id is written as 0; the manifest has the right
 * one.
 */
const largestId = 0o7777777

function padding(bytes: number): Buffer {
  return Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes)
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`
}

function checksumOf(block: Buffer): number {
  let sum = 0
  // The bytes of the checksum field itself count as spaces.
  for (const [at, byte] of block.entries()) sum += at >= 148 && at < 156 ? 32 : byte
  return sum
}

function header(
  { path, mode, uid, gid }: Omit<TarEntry, 'kind' | 'content'>,
  type: string,
  bytes: number,
): Buffer {
  const block = Buffer.alloc(blockBytes)
  Buffer.from(path).subarray(0, nameBytes).copy(block)
  block.write(octal(mode, 7), 100)
  block.write(octal(uid > largestId ? 0 : uid, 7), 108)
  block.write(octal(gid > largestId ? 0 : gid, 7), 116)
  block.write(octal(bytes, 11), 124)
  block.write(octal(0, 11), 136)
  block.write(type, 156)
  block.write('ustar\x0000', 257)
  block.write(octal(checksumOf(block), 6), 148)
  block.write(' ', 155)
  return block
}

/** A pax record `LENGTH path=PATH\n`. LENGTH includes its own digits. */
function longPathRecord(path: string): Buffer {
  const rest = Buffer.byteLength(` path=${path}\n`)
  let length = rest + String(rest).length
  if (String(length).length > String(rest).length) length += 1
  return Buffer.from(`${length} path=${path}\n`)
}

function packEntry(entry: TarEntry): Buffer[] {
  const stored = entry.kind === 'folder' ? { ...entry, path: `${entry.path}/` } : entry
  const own = [
    header(stored, types[entry.kind], entry.content.length),
    entry.content,
    padding(entry.content.length),
  ]
  if (Buffer.byteLength(stored.path) <= nameBytes) return own
  const record = longPathRecord(stored.path)
  const extended = { ...stored, path: 'long-path', mode: 0o600 }
  return [header(extended, types.longPath, record.length), record, padding(record.length), ...own]
}

/** Packs the entries as a POSIX.1-2001 (pax) archive that tar(1) can read. */
export function packTar(entries: TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(packEntry), Buffer.alloc(2 * blockBytes)])
}
