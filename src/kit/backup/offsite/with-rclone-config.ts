import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OffsiteSettings } from './offsite-settings.ts'

/** Name of the remote in the rclone configuration. */
export const remote = 'offsite'

/** no_check_bucket: a missing bucket is a configuration error, so rclone must not create it. */
export function renderRcloneConfig(settings: OffsiteSettings): string {
  return [
    `[${remote}]`,
    'type = s3',
    'provider = Other',
    `endpoint = ${settings.endpoint}`,
    `region = ${settings.region}`,
    'force_path_style = true',
    'no_check_bucket = true',
    `access_key_id = ${settings.accessKeyId}`,
    `secret_access_key = ${settings.secretAccessKey}`,
    '',
  ].join('\n')
}

/**
 * Passes the keys to rclone in a config file in memory, readable by this user only: environments and
 * arguments are visible in /proc.
 */
export async function withRcloneConfig<T>(
  settings: OffsiteSettings,
  use: (place: { folder: string; configFile: string }) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-offsite-'))
  try {
    const configFile = join(folder, 'rclone.conf')
    await writeFile(configFile, renderRcloneConfig(settings), { mode: 0o600 })
    return await use({ folder, configFile })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
