import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'

let copy: OpsCopy

const note = 'from_volume=old\nfrom_image=postgres:17\nfrom_major=17\nto_volume=new\nto_major=18\n'
function noteFile(): string {
  return join(copy.root, '.data/upgrade-last.ship')
}

beforeEach(() => {
  copy = openOpsCopy()
  mkdirSync(join(copy.root, '.data'))
  writeFileSync(noteFile(), note)
})
afterEach(() => copy.close())

describe('make upgrade-postgres BACK=1', () => {
  it.each([
    {
      what: 'the old volume was removed',
      live: 'new',
      said: 'error: the volume old of before the upgrade is not there any more\nhint: a portable backup restores into this major: make backups\n',
      asked: ['info', 'volume inspect old'],
    },
    {
      what: 'another volume is live since',
      live: 'restored',
      said: 'error: the live volume restored is not one that an upgrade has made\nhint: make restore-undo returns from a restore\n',
      asked: ['info'],
    },
  ])('$what › is refused with 53, and nothing was touched', async ({ live, said, asked }) => {
    const env = `COMPOSE_PROJECT_NAME=ship\nPGDATA_VOLUME=${live}\n`
    writeFileSync(join(copy.root, '.env'), env)
    copy.engine('[[ $1 != volume ]]')

    const ended = await copy.start('upgrade-postgres.sh', ['BACK=1', 'YES=1']).ended

    expect(ended).toEqual({ code: 53, said })
    expect(copy.asked()).toEqual(asked)
    expect(readFileSync(join(copy.root, '.env'), 'utf8')).toBe(env)
    expect(readFileSync(noteFile(), 'utf8')).toBe(note)
    expect(existsSync(join(copy.root, '.data/locks/restore'))).toBe(false)
  })
})
