import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkout } from '../../support/spawn-process.ts'

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'slipway-archive-config-'))
  mkdirSync(join(home, 'secrets'))
})

afterEach(() => rmSync(home, { recursive: true }))

function configure(keySecret: string, environment: Record<string, string> = {}) {
  writeFileSync(join(home, 'secrets/offsite_secret_access_key'), keySecret)
  return spawnSync(join(checkout, 'ops/postgres/archive-config.sh'), {
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      ARCHIVE_RUN: join(home, 'run'),
      ARCHIVE_REPO: join(home, 'repository'),
      ARCHIVE_SECRETS: join(home, 'secrets'),
      PGDATA: join(home, 'data'),
      OFFSITE_S3_BUCKET: 'bucket',
      ...environment,
    },
  })
}

function lines(): string[] {
  return readFileSync(join(home, 'run/repo2.conf'), 'utf8').split('\n')
}

describe('the configuration of the archive', () => {
  it.each(['a/+=b', '\'"$`\\', '# %s {{x}}', '[global]', 'of an editor\n', 'of Windows\r\n'])(
    'holds a key as it is: %j',
    (key) => {
      expect(configure(key)).toMatchObject({ status: 0, stderr: '' })

      expect(lines()).toContain(`repo1-s3-key-secret=${key.trimEnd()}`)
    },
  )

  it.each(['two\nrepo1-path=/elsewhere', 'two\rlines'])('refuses a key with a line end: %j', (key) => {
    const { status, stderr } = configure(key)

    expect(status).toBe(1)
    expect(stderr).toContain('error: s3-key-secret of the archive holds a line end\nhint: ')
    expect(stderr).not.toContain('two')
    expect(existsSync(join(home, 'run/repo2.conf'))).toBe(false)
    expect(existsSync(join(home, 'run/ready'))).toBe(false)
  })

  it('refuses a setting with a line end', () => {
    const { status, stderr } = configure('key', { OFFSITE_S3_PREFIX: 'ship\nrepo1-s3-bucket=other' })

    expect(status).toBe(1)
    expect(stderr).toContain('error: path of the archive holds a line end')
  })
})
