import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openOpsCopy } from '../../support/ops-copy.ts'

it('make base-images keeps the major of PostgreSQL that an upgrade has written into .env', async () => {
  const copy = openOpsCopy()
  onTestFinished(() => copy.close())
  writeFileSync(join(copy.root, '.env'), 'POSTGRES_IMAGE=slipway-base/postgres:18\n')

  const { code, said } = await copy.start('base-images.sh', ['--dry-run']).ended

  expect(said).toContain('would build slipway-base/postgres:18\n')
  expect(said).toContain('would set POSTGRES_IMAGE=slipway-base/postgres:18\n')
  expect(said).not.toContain('postgres:17')
  expect(code).toBe(0)
})
