const blockBytes = 512

export interface TarItem {
  /** The path of a folder ends with a slash. */
  path: string
  content: Buffer
}

function textAt(block: Buffer, from: number, length: number): string {
  const field = block.subarray(from, from + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end === -1 ? length : end)
}

function isEnd(block: Buffer): boolean {
  return block.every((byte) => byte === 0)
}

/** Returns undefined for a record that packTar does not write. */
function longPathOf(record: Buffer): string | undefined {
  const [, length, path] = /^(\d+) path=([^]*)\n$/.exec(record.toString('utf8')) ?? []
  return Number(length) === record.length ? path : undefined
}

function itemAt(tar: Buffer, at: number): { type: string; item: TarItem; next: number } | undefined {
  const block = tar.subarray(at, at + blockBytes)
  const size = textAt(block, 124, 12)
  if (!/^[0-7]{11}$/.test(size) || textAt(block, 257, 6) !== 'ustar') return undefined
  const bytes = Number.parseInt(size, 8)
  const begin = at + blockBytes
  if (begin + bytes > tar.length) return undefined
  const item = { path: textAt(block, 0, 100), content: tar.subarray(begin, begin + bytes) }
  return { type: textAt(block, 156, 1), item, next: begin + Math.ceil(bytes / blockBytes) * blockBytes }
}

/**
 * Parses a tar archive that packTar wrote. Returns undefined for any other content, such as links and
 * devices.
 */
export function readTar(tar: Buffer): TarItem[] | undefined {
  const items: TarItem[] = []
  let longPath: string | undefined
  for (let at = 0; at + blockBytes <= tar.length;) {
    if (isEnd(tar.subarray(at, at + blockBytes))) return longPath === undefined ? items : undefined
    const read = itemAt(tar, at)
    if (read === undefined) return undefined
    const { type, item, next } = read
    if (type === 'x') {
      longPath = longPathOf(item.content)
      if (longPath === undefined) return undefined
    } else if (type === '0' || type === '5') {
      items.push({ ...item, path: longPath ?? item.path })
      longPath = undefined
    } else return undefined
    at = next
  }
  return undefined
}
