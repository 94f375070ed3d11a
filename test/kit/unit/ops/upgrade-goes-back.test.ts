import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openOpsCopy } from '../../support/ops-copy.ts'

function setting(env: string, key: string): string | undefined {
  return new RegExp(`^${key}=(.*)$`, 'm').exec(env)?.[1]
}

it('an upgrade whose new server does not get ready goes back, and removes the copy alone', async () => {
  const copy = openOpsCopy()
  onTestFinished(() => copy.close())
  const file = join(copy.root, '.env')
  writeFileSync(
    file,
    'COMPOSE_PROJECT_NAME=ship\nPGDATA_VOLUME=old\nPOSTGRES_IMAGE=postgres:17\nPOSTGRES_VERSION=17\n',
  )
  // The migrations fail on the new server.
  copy.engine(`
volume=$(sed -n 's/^PGDATA_VOLUME=//p' "$root/.env")
[[ $1 != inspect ]] || { echo "$volume "; exit; }
case "$*" in
  *'server_version_num') echo 170006 ;;
  *' run '*' migrate') [[ $volume == old ]] || exit 17 ;;
esac`)

  const { code, said } = await copy.start('upgrade-postgres.sh', ['TO=18', 'YES=1']).ended

  expect(code).toBe(17)
  expect(said).toContain('going back to the volume old')
  expect(said).not.toContain('the way back failed')
  const env = readFileSync(file, 'utf8')
  expect(setting(env, 'PGDATA_VOLUME')).toBe('old')
  expect(setting(env, 'POSTGRES_IMAGE')).toBe('postgres:17')
  const removed = copy.asked().flatMap((line) => /^volume rm --force (.*)$/.exec(line)?.[1] ?? [])
  expect(removed).toEqual([expect.stringMatching(/^ship_pgdata_pg18_/), 'ship_upgrade_socket'])
  expect(existsSync(join(copy.root, '.data/upgrade-under-way.ship'))).toBe(false)
  expect(existsSync(join(copy.root, '.data/maintenance/on'))).toBe(false)
})
