/** In the format of sha256sum(1), so that `sha256sum -c SHA256SUMS` works anywhere. */
export const checksumsFileName = 'SHA256SUMS'

/** Renders SHA256SUMS from the digests by file name. */
export function renderChecksums(digests: Record<string, string>): string {
  return Object.entries(digests)
    .map(([file, sha256]) => `${sha256}  ${file}\n`)
    .join('')
}

/**
 * Parses SHA256SUMS. Returns undefined for any deviation from the format, so that a changed character is
 * detected.
 */
export function parseChecksums(content: string): Record<string, string> | undefined {
  const lines = content.split('\n')
  if (lines.pop() !== '') return undefined
  const entries = lines.map((line) => /^([0-9a-f]{64}) {2}([\w.]+)$/.exec(line))
  if (entries.some((entry) => entry === null)) return undefined
  return Object.fromEntries(entries.map((entry) => [entry?.[2] ?? '', entry?.[1] ?? '']))
}
