import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkout } from '../../support/spawn-process.ts'

const compose = spawnSync('docker', ['compose', 'version']).status === 0

let folder: string
let bin: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway env it's "))
  // A machine without Docker: the tools that the scripts need, and no docker.
  bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const tool of [
    'bash',
    'sed',
    'awk',
    'sort',
    'cat',
    'dirname',
    'cp',
    'mv',
    'mktemp',
    'chmod',
    'chown',
    'cmp',
    'rm',
    'realpath',
    'true',
    'tr',
    'tail',
  ])
    symlinkSync(spawnSync('which', [tool], { encoding: 'utf8' }).stdout.trim(), join(bin, tool))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Lines of bash behind lib.sh, with `text` as .env. */
function shell(text: string, lines: string, env: Record<string, string> = {}) {
  writeFileSync(join(folder, '.env'), text)
  const script = `source "$0/ops/lib.sh"\n${lines}`
  return spawnSync('bash', ['-Eeuo', 'pipefail', '-c', script, checkout], {
    encoding: 'utf8',
    // With a socket as standard input bash reads the profile of a remote shell.
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      HOME: process.env['HOME'] ?? '',
      PATH: process.env['PATH'] ?? '',
      ENV_FILE: join(folder, '.env'),
      ...env,
    },
  })
}

function values(text: string, keys: string[], env: Record<string, string> = {}) {
  return shell(text, keys.map((key) => `env_value ${key} default; printf '\\037'`).join('\n'), env)
}

/** What Compose makes of each line, in a comment only where it is a surprise. */
const lines: [text: string, value: string][] = [
  ['DOMAIN=plain.example', 'plain.example'],
  ['DOMAIN="double.example"', 'double.example'],
  ["DOMAIN='single.example'", 'single.example'],
  ['DOMAIN=with.example # a comment', 'with.example'],
  ['DOMAIN=with#hash', 'with#hash'],
  ['DOMAIN="quoted # hash" # a comment', 'quoted # hash'],
  ['export DOMAIN=exported.example', 'exported.example'],
  ['export   DOMAIN="exported quoted"', 'exported quoted'],
  ['  DOMAIN=indented.example', 'indented.example'],
  ['DOMAIN = spaced.example', 'spaced.example'],
  ['DOMAIN=trailing.example   ', 'trailing.example'],
  ['DOMAIN: colon.example', 'colon.example'],
  ['DOMAIN=', 'default'],
  ['DOMAIN=""', 'default'],
  ["DOMAIN=''", 'default'],
  ['#DOMAIN=commented.example', 'default'],
  ['DOMAIN=first.example\nDOMAIN=last.example', 'last.example'],
  ['DOMAIN=first.example\nexport DOMAIN="last.example"', 'last.example'],
  ['DOMAIN=first.example\nDOMAIN=', 'default'],
  ['DOMAIN=crlf.example\r', 'crlf.example'],
  ['DOMAIN="quoted crlf"\r', 'quoted crlf'],
  ['\ufeffDOMAIN=bom.example', 'bom.example'],
  ['DOMAIN=two words', 'two words'],
  ['X=inner\nDOMAIN=$X.example', 'inner.example'],
  ['X=inner\nDOMAIN=${X}.example', 'inner.example'],
  ['X=inner\nDOMAIN="${X}.example"', 'inner.example'],
  ["X=inner\nDOMAIN='$X.example'", '$X.example'],
  ['DOMAIN=${UNKNOWN:-fallback}.example', 'fallback.example'],
  ['DOMAIN=a$$b', 'a$b'],
  ['DOMAIN="escaped \\" quote"', 'escaped " quote'],
  ['DOMAIN="tab\\tinside"', 'tab\tinside'],
  ['DOMAIN="line\\nbreak"', 'line\nbreak'],
  ["DOMAIN='back\\slash'", 'back\\slash'],
  ['DOMAIN=<a>&b', '<a>&b'],
  ['DOMAIN="carriage\\rreturn"', 'carriage\rreturn'],
  ['DOMAIN=escape\u001b[31m', 'escape\u001b[31m'],
  ["DOMAIN='a\\\\b\\c\\1'", 'a\\\\b\\c\\1'],
  ["DOMAIN='\\\"x'", '\\"x'],
  ["DOMAIN='a$$b'", 'a$$b'],
  ['DOMAIN==a=b', '=a=b'],
  ['DOMAIN=https://[2001:db8::5]:8443/?a=b&c', 'https://[2001:db8::5]:8443/?a=b&c'],
  ['DOMAIN\t=\ttabs', 'tabs'],
  ['domain=lower.example', 'default'],
  ['DOMAIN="first\nsecond"', 'first\nsecond'],
  ['NOTE="first\nDOMAIN=inside.a.value\nlast"', 'default'],
  ['NOTE="first\nDOMAIN=inside.a.value"\nDOMAIN=outside.example', 'outside.example'],
  ['DOMAIN=https://a.example/?b=c', 'https://a.example/?b=c'],
  ['DOMAIN=7 * * * *', '7 * * * *'],
  ['DOMAIN=ünïcode.example', 'ünïcode.example'],
]

/** DOMAIN of each of `lines`, all by one shell; or what ended the reading. */
function readAll(env: Record<string, string> = {}): string[] {
  for (const [number, [text]] of lines.entries()) writeFileSync(join(folder, `${number}.env`), text)
  const each = `ENV_FILE=${JSON.stringify(folder)}/$number.env; (env_value DOMAIN default) 2>&1 || true; printf '\\037'`
  const read = shell('', `for ((number = 0; number < ${lines.length}; number++)); do ${each}; done`, env)
  return read.stdout.split('\u001f').slice(0, -1)
}

describe.skipIf(!compose)('.env as Compose reads it', () => {
  // One call of Compose for each.
  it('each of 49 forms of a line › has its value for the scripts', { timeout: 60_000 }, () => {
    const read = readAll()

    expect(lines.map(([text], number) => [text, read[number]])).toEqual(lines)
  })

  it(
    'each of 49 forms of a line › has the same value without Compose, or is refused',
    { timeout: 60_000 },
    () => {
      const refused = /^error: line \d+ of .* can only be read by Docker Compose/
      const read = readAll({ PATH: bin })

      expect(read).toHaveLength(lines.length)
      const guessed = lines.filter(
        ([, value], number) => value !== read[number] && !refused.test(read[number] ?? ''),
      )
      expect(guessed).toEqual([])
      expect(read.filter((text) => !refused.test(text)).length).toBeGreaterThan(5)
    },
  )

  it.each([
    ['a value', 'set.example', 'set.example'],
    ['an empty value', '', 'default'],
  ])('%s in the environment of the caller › wins over the file', (_what, DOMAIN, value) => {
    expect(values('DOMAIN=file.example', ['DOMAIN'], { DOMAIN }).stdout).toBe(`${value}\u001f`)
    expect(values('DOMAIN=file.example', ['DOMAIN'], { DOMAIN, PATH: bin }).stdout).toBe(`${value}\u001f`)
  })

  it.each(['a"b', 'a\\b', 'a\\nb', 'a$$b', '$HOME', 'x"\n        "DOMAIN": "other', 'ünï code', "it's"])(
    '%j in the environment of the caller › is taken as it is, with Compose and without',
    (DOMAIN) => {
      expect(values('', ['DOMAIN'], { DOMAIN }).stdout).toBe(`${DOMAIN}\u001f`)
      expect(values('', ['DOMAIN'], { DOMAIN, PATH: bin }).stdout).toBe(`${DOMAIN}\u001f`)
    },
  )

  it.each(['ship', '"ship"', "'ship'", 'ship # mine', 'ship\r', '${X}\nX=y'])(
    'a project named %j › has the volume that Compose gives it',
    (name) => {
      const text = `X=ship\nCOMPOSE_PROJECT_NAME=${name}\n`
      const model = 'compose config --format json | sed -n \'s/.*"name": "\\(.*_pgdata\\)".*/\\1/p\''

      const read = shell(text, `pgdata_volume; printf '\\n'; ${model}`, { BACKUPS_DIR: '/x' })

      const [ours, theirs] = read.stdout.split('\n')
      expect(ours).toBe('ship_pgdata')
      expect(theirs).toBe(ours)
    },
  )

  it('a file that Compose cannot read › ends the script with its reason', () => {
    const read = values('DOMAIN="open\n', ['DOMAIN'])

    expect(read.status).toBe(1)
    expect(read.stderr).toMatch(/^error: Compose cannot read .*unterminated.*\nhint: correct that line/)
  })

  it.each([
    ['DOMAIN', 1],
    ['A=b\nexport DOMAIN', 2],
    ['A\n# note\nA="b"\nDOMAIN="a"b', 4],
    ["DOMAIN='a' b", 1],
    ['=x', 1],
  ])('%j, which Compose refuses without a line › is refused with line %i', (text, line) => {
    // Compose 2.26; 2.40 takes some of them.
    writeFileSync(
      join(bin, 'docker'),
      '#!/bin/sh\n[ "$*" = "compose version" ] || { echo "setenv: invalid argument"; exit 1; }\n',
      { mode: 0o755 },
    )

    const read = values(text, ['DOMAIN'], { PATH: `${bin}:${process.env['PATH'] ?? ''}` })

    rmSync(join(bin, 'docker'))
    expect(read.status).toBe(1)
    expect(read.stderr).toMatch(new RegExp(`^error: Compose cannot read .*: line ${line} is no setting`))
  })

  it('every setting that a script asks for › is one that .env.example has', () => {
    const known = readFileSync(join(checkout, '.env.example'), 'utf8')
    const scripts = readdirSync(join(checkout, 'ops'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.sh'))
      .map((name) => readFileSync(join(checkout, 'ops', name), 'utf8'))
    const asked = scripts.flatMap((text) => [...text.matchAll(/(?:env_value|path_in_env) ([A-Z_0-9]+)/g)])
    const names = [...new Set(asked.map(([, name = '']) => name))].filter((name) => name !== 'KEY')

    expect(names.length).toBeGreaterThan(10)
    expect(names.filter((name) => !new RegExp(`^#?${name}=`, 'm').test(known))).toEqual([])
  })
})

describe('without an engine, beside a .env that only Compose can read', () => {
  const script = (name: string, args: string[]) => {
    writeFileSync(join(folder, '.env'), 'DOMAIN="quoted.example" # a comment\n')
    return spawnSync(join(checkout, 'ops', name), args, {
      encoding: 'utf8',
      env: {
        PATH: bin,
        ENV_FILE: join(folder, '.env'),
        EMBEDDED_DATA_DIR: join(folder, 'data'),
        DATABASE_URL: 'postgres://given',
      },
    })
  }

  it.each([
    ['status.sh', [], 3, 'not running\n'],
    ['logs.sh', [], 1, 'error: nothing has run here yet\nhint: make up\n'],
    ['down.sh', [], 0, ''],
    ['embedded.sh', ['status'], 3, 'not running\n'],
    ['on-development-database.sh', ['app', 'true'], 0, ''],
  ])('%s %j › goes on, since no setting is asked for', (name, args, status, stderr) => {
    expect(script(name, args)).toMatchObject({ status, stderr })
  })

  it('a relative EMBEDDED_DATA_DIR › is one of the checkout, wherever the script was started', () => {
    const data = join(folder, '-relative data')
    mkdirSync(data)
    writeFileSync(join(data, 'embedded.pid'), '')

    const { status } = spawnSync(join(checkout, 'ops/embedded.sh'), ['down'], {
      cwd: tmpdir(),
      env: { PATH: bin, EMBEDDED_DATA_DIR: relative(checkout, data) },
    })

    expect(status).toBe(0)
    expect(existsSync(join(data, 'embedded.pid'))).toBe(false)
  })

  it('a script that needs a setting › is refused with the line', () => {
    const { status, stderr } = script('check-settings.sh', [])

    expect(status).toBe(1)
    expect(stderr).toMatch(/^error: line 1 of .* can only be read by Docker Compose/)
  })
})

describe.skipIf(!compose)('point-env.sh', () => {
  const point = (text: string, env: Record<string, string> = {}) => {
    writeFileSync(join(folder, '.env'), text)
    const pointed = spawnSync(
      join(checkout, 'ops/point-env.sh'),
      [join(folder, '.env'), 'PGDATA_VOLUME=new_volume'],
      { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env } },
    )
    return { ...pointed, text: readFileSync(join(folder, '.env'), 'utf8') }
  }

  it.each([
    ['no line', 'A=b\n'],
    ['no line, and no end of the last one', 'A=b'],
    ['a quoted line', 'PGDATA_VOLUME="old"\nA=b\n'],
    ['an exported line', 'export PGDATA_VOLUME=old\nA=b\n'],
    ['a line of Windows', 'PGDATA_VOLUME=old\r\nA=b\r\n'],
    ['two lines', 'PGDATA_VOLUME=old\nA=b\nPGDATA_VOLUME=older\n'],
    ['a line with a colon', 'PGDATA_VOLUME: old\nA=b\n'],
    ['a byte order mark before it', '\ufeffPGDATA_VOLUME=old\nA=b\n'],
    ['a line inside another value', 'NOTE="x\nPGDATA_VOLUME=old\ny"\nA=b\n'],
  ])('%s › is read back as it was written, and the rest stays', (_what, text) => {
    const pointed = point(text)

    expect(pointed.status).toBe(0)
    const read = values(pointed.text, ['PGDATA_VOLUME'])
    expect(read.stdout).toBe('new_volume\u001f')
    expect(pointed.text).toMatch(/^A=b\r?$/m)
    expect(pointed.text.includes('NOTE=')).toBe(text.includes('NOTE='))
  })

  it('a value in the environment, which would win › is an error, and the file stays', () => {
    const pointed = point('PGDATA_VOLUME=old\n', { PGDATA_VOLUME: 'other' })

    expect(pointed.status).toBe(1)
    expect(pointed.stderr).toMatch(
      /^error: PGDATA_VOLUME in .env would not be read .*\nhint: is PGDATA_VOLUME set/,
    )
    expect(pointed.text).toBe('PGDATA_VOLUME=old\n')
  })
})
