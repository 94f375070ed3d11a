import { CommandError } from '../../errors.ts'
import type { ContinuousSettings, RepositoryName } from './continuous-settings.ts'
import { expectEngine } from './run-engine.ts'

/** Returns the lines of `pgbackrest verify` that count faults; empty for an intact repository. */
export function parseVerify(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim())
  if (lines.includes('status: ok')) return []
  const faults = lines.filter((line) => /[1-9]/.test(line) && /(missing|invalid|other|No usable)/.test(line))
  return faults.length === 0 ? lines.filter((line) => line !== '') : faults
}

/**
 * Verifies the checksum of every file of a base backup with `pgbackrest verify`, whose exit code is always
 * 0. Throws CommandError for a fault.
 */
export async function verifyBase(
  settings: ContinuousSettings,
  repository: RepositoryName,
  label: string,
  signal?: AbortSignal,
): Promise<void> {
  const args = ['verify', `--set=${label}`, '--output=text']
  const text = await expectEngine(settings, { repository, args, signal })
  const faults = parseVerify(text)
  if (faults.length === 0) return
  throw new CommandError(
    'verification_failed',
    `the base backup ${label} in ${repository} does not read back as it was written: ${faults.slice(0, 3).join('; ')}`,
    {
      hint: 'look after the disk; to take a new one: docker compose -f compose.prod.yaml exec backup node backup.js base --full',
    },
  )
}
