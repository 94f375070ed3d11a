import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openOpsCopy } from '../../support/ops-copy.ts'

it('data of another history end make up with the sentence of migrate and its code, before any backup', async () => {
  const copy = openOpsCopy()
  onTestFinished(() => copy.close())
  writeFileSync(join(copy.root, '.env'), 'COMPOSE_PROJECT_NAME=ship\nPGDATA_VOLUME=ship_pgdata\n')
  copy.engine(`
case "$*" in
  *' ps '*) printf 'container\\n' ;;
  *' migrate status --porcelain')
    printf 'error: the data belong to another history\\n  hint: check out the code\\n' >&2
    echo pending=0000_a
    exit 13 ;;
esac`)

  const { code, said } = await copy.start('before-migration.sh').ended

  expect(said).toMatch(/error: the data belong to another history\n {2}hint: check out the code\n$/)
  expect(said).not.toContain('MIGRATE_WITHOUT_BACKUP')
  expect(code).toBe(13)
  expect(copy.asked().join('\n')).not.toContain('backup.js')
})
