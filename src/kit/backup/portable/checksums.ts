/** In the form of sha256sum(1), so that a person can check a copy anywhere: `sha256sum -c SHA256SUMS`. */
export const checksumsFileName = 'SHA256SUMS'

export function renderChecksums(digests: Record<string, string>): string {
  return Object.entries(digests)
    .map(([file, sha256]) => `${sha256}  ${file}\n`)
    .join('')
}

/** Strict, so that a changed character in the list itself is found as well. */
export function parseChecksums(content: string): Record<string, string> | undefined {
  const lines = content.split('\n')
  if (lines.pop() !== '') return undefined
  const entries = lines.map((line) => /^([0-9a-f]{64}) {2}([\w.]+)$/.exec(line))
  if (entries.some((entry) => entry === null)) return undefined
  return Object.fromEntries(entries.map((entry) => [entry?.[2] ?? '', entry?.[1] ?? '']))
}
