import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'

let copy: OpsCopy

beforeAll(() => {
  copy = openOpsCopy()
  writeFileSync(join(copy.root, '.env'), 'COMPOSE_PROJECT_NAME=ship\n')
  writeFileSync(
    join(copy.root, 's3.env'),
    'OFFSITE_S3_BUCKET=b\nOFFSITE_S3_ACCESS_KEY_ID=k\nOFFSITE_S3_SECRET_ACCESS_KEY=s\n',
  )
  mkdirSync(join(copy.root, 'backups/config'), { recursive: true })
  // A stack that runs, and whose containers refuse what they are told to restore.
  copy.engine(`case "$*" in
    *' ps '*'--quiet'*) echo id ;;
    *pg_isready*) exit 0 ;;
    *last_archived_wal*) echo t ;;
    *' df '*) echo 1000 ;;
    *' restore --'* | *' moment --'*) exit 53 ;;
  esac`)
})
afterAll(() => copy.close())

async function run(script: string, ...args: string[]) {
  const before = copy.asked().length
  const { code, said } = await copy.start(script, args, { input: 'key\n' }).ended
  return { code, said, asked: copy.asked().slice(before).join('\n') }
}

describe('a value that begins with a dash', () => {
  it.each([
    ['restore.sh', ['FROM=-h'], ' restore --from=-h '],
    ['restore.sh', ['FROM=offsite:--help'], ' offsite fetch -- --help'],
    [
      'restore.sh',
      ['FROM=latest', 'INTO=-h', 'TABLE=--x', 'SEARCH_PATH=-p'],
      ' --into=-h --table=--x --search-path=-p',
    ],
    ['restore.sh', ['AT=-1'], ' moment --at=-1 '],
    ['restore.sh', ['NAME=--help'], ' moment --name=--help '],
    ['verify-backup.sh', ['-h', '--kind'], ' drill --kind=--kind -- -h'],
    ['fetch-config.sh', ['FROM=--help', 'S3=s3.env'], ' config fetch -- --help'],
    ['restore-config.sh', ['FROM=-h'], ' -- -h'],
  ])('is handed on as a value: %s %j', async (script, args, expected) => {
    const { asked } = await run(
      script,
      ...args.map((each) => each.replace('s3.env', join(copy.root, 's3.env'))),
    )

    expect(`${asked}\n`.replaceAll('\n', ' \n')).toContain(expected)
  })
})

describe('values that contradict each other', () => {
  it.each([
    ['restore.sh', ['AT=latest', 'NAME=point'], 'AT=latest and NAME=point are two moments'],
    [
      'restore.sh',
      ['FROM=latest', 'AT=latest'],
      'a backup (latest) and a moment (AT=latest) are two different things',
    ],
    ['restore.sh', ['AT=latest', 'INTO=db'], 'a moment is restored whole, into a volume of its own'],
    ['restore.sh', ['YES=1'], 'restore needs to know what from'],
    ['upgrade-postgres.sh', ['TO=18', 'BACK=1'], 'TO=18 and BACK=1 are two directions'],
    ['upgrade-postgres.sh', ['TO=018'], 'an upgrade needs to know to which major (got TO=018)'],
    ['restore.sh', ['FROM=latest', 'DROP_OLDER=yes'], 'unknown option DROP_OLDER=yes'],
    ['restore-config.sh', ['KEY=/nowhere'], 'the key file /nowhere is not there, or not for you to read'],
    ['restore-config.sh', ['FROM=./nowhere'], 'there is no archive at ./nowhere'],
    ['fetch-config.sh', ['S3=/nowhere'], 'the file /nowhere is not there, or not for you to read'],
    ['fetch-config.sh', ['SERVER=x'], 'unknown option SERVER=x'],
  ])('are refused before the engine is asked: %s %j', async (script, args, sentence) => {
    expect(await run(script, ...args)).toMatchObject({
      code: 1,
      said: expect.stringMatching(/^error: .*\nhint: /) as string,
      asked: '',
    })
    expect((await run(script, ...args)).said).toContain(`error: ${sentence}\n`)
  })
})
