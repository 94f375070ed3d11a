import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../../src/kit/config/config-error.ts'
import { loadConfig } from '../../../../src/kit/config/load.ts'

const whole = {
  OFFSITE_S3_ENDPOINT: 'https://s3.example.com',
  OFFSITE_S3_BUCKET: 'backups',
  OFFSITE_S3_ACCESS_KEY_ID: 'name',
  OFFSITE_S3_SECRET_ACCESS_KEY: 'hush-hush',
}

function load(more: Record<string, string>) {
  return loadConfig('backup', { DATABASE_URL: 'postgres://backup@db/slipway', ...more })
}

function complaint(more: Record<string, string>): string {
  try {
    load(more)
    return ''
  } catch (err) {
    return err instanceof ConfigError ? err.message : 'another error'
  }
}

describe('settings of the storage off-site', () => {
  it('are all there or none', () => {
    expect(load({}).OFFSITE_S3_BUCKET).toBeUndefined()
    expect(load(whole)).toMatchObject({
      ...whole,
      OFFSITE_S3_REGION: 'us-east-1',
      OFFSITE_TIMEOUT_MS: 30_000,
    })
  })

  it.each(Object.keys(whole))('say that %s is missing, and never what the key is', (key) => {
    const said = complaint({ ...whole, [key]: '' })

    expect(said).toContain(`${key}: not set although `)
    expect(said).not.toContain('hush-hush')
  })

  it.each([
    ['OFFSITE_S3_ENDPOINT', 'http://s3.example.com', 'expected https://'],
    ['OFFSITE_S3_ENDPOINT', 'https://s3.example.com/backups', 'expected https://'],
    ['OFFSITE_S3_BUCKET', 'two words', 'expected letters'],
    ['OFFSITE_S3_PREFIX', '/ship/', 'expected letters'],
    ['OFFSITE_S3_PREFIX', 'ship\nline', 'expected letters'],
    ['OFFSITE_S3_REGON', 'eu', 'unknown setting'],
  ])('refuse %s=%s', (key, value, sentence) => {
    expect(complaint({ ...whole, [key]: value })).toContain(`${key}: ${sentence}`)
  })
})
