import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkout } from '../../support/spawn-process.ts'

let root: string

/** Writes its name, its arguments and what the environment gives to setup, with the number of fields before them. */
const recorder = `#!/usr/bin/env bash
[[ "$0" != */setup.sh ]] || set -- "$DOMAIN" "$TLS"
printf '%s\\0' "$#" "\${0##*/}" "$@" >>"$RECORD"
`

function write(path: string): void {
  writeFileSync(path, recorder)
  chmodSync(path, 0o755)
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-make-'))
  for (const folder of ['ops', 'bin', 'node_modules']) mkdirSync(join(root, folder))
  copyFileSync(join(checkout, 'Makefile'), join(root, 'Makefile'))
  writeFileSync(join(root, 'package-lock.json'), '')
  execFileSync('touch', ['-d', '2001-01-01', join(root, 'package-lock.json')])
  for (const name of readdirSync(join(checkout, 'ops'))) {
    if (name.endsWith('.sh')) write(join(root, 'ops', name))
  }
  for (const name of ['npm', 'docker']) write(join(root, 'bin', name))
})

beforeEach(() => rmSync(join(root, 'record'), { force: true }))
afterAll(() => rmSync(root, { recursive: true }))

function make(...args: string[]) {
  const env = {
    PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: root,
    RECORD: join(root, 'record'),
  }
  return spawnSync('make', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, NAME: 'of the host', TABLE: 'x', ON: 'x', BACKUPS: 'x' },
  })
}

/** One line for each program that was started: its name, then its arguments. */
function started(): string[][] {
  const fields = readFileSync(join(root, 'record'), 'utf8').split('\0').slice(0, -1)
  const calls: string[][] = []
  while (fields.length > 0) calls.push(fields.splice(0, Number(fields.shift()) + 1))
  return calls
}

const hostile = [
  "'",
  '"',
  "a'; touch p; '",
  'a"; touch p; "',
  '$(touch p)',
  '$(shell touch p)',
  '${shell touch p}',
  '$$(touch p)',
  '$(value',
  '`touch p`',
  '; touch p',
  '& touch p',
  '| touch p',
  '&& touch p #',
  '#',
  ' # comment',
  '$',
  '$$',
  '$HOME',
  '$@',
  '${HOME}',
  '\\',
  "\\' touch p \\'",
  '\\$(touch p)',
  'two\nlines',
  '\ntouch p\n',
  '%',
  '%(touch p)s',
  '-',
  '--version',
  '-c touch p',
  '*',
  '~',
  '!!',
  ' space at both ends ',
  '\ttab\t',
  '🚢 Zürich',
  '<(touch p)',
  '> p',
  '{a,b}',
  'a,b',
  '(',
  ')',
]

const keysOf: Record<string, string[]> = {
  'restore.sh': ['FROM', 'AT', 'NAME', 'INTO', 'TABLE', 'DROP_OLDER', 'YES'],
  'fetch-config.sh': ['FROM', 'S3'],
  'restore-config.sh': ['FROM', 'KEY', 'YES'],
  'upgrade-postgres.sh': ['TO', 'IMAGE', 'BACK', 'YES'],
}
const targets = [
  'restore',
  'fetch-config',
  'restore-config',
  'upgrade-postgres',
  'setup',
  'logs',
  'verify-backup',
]
targets.push('restore-point', 'psql', 'migration', 'drill', 'maintenance', 'up')
const keys = new Set([...Object.values(keysOf).flat(), 'SERVICE', 'KIND', 'DATABASE', 'DOMAIN', 'TLS'])
for (const key of ['ONLY', 'RUNS', 'SEED', 'KILLS', 'WRITES', 'MIGRATE_WITHOUT_BACKUP']) keys.add(key)

describe('values on the command line of make', () => {
  it.each(hostile)('arrive byte for byte, and nothing of them is run: %j', (typed) => {
    const { status, stderr } = make(...targets, 'ON=1', ...[...keys].map((key) => `${key}=${typed}`))
    // White space behind the `=` is make's own.
    const value = typed.trimStart()

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(existsSync(join(root, 'p'))).toBe(false)
    const calls = started()
    const argumentsOf = (name: string): string[] => calls.find(([first]) => first === name)?.slice(1) ?? []
    for (const [name, its] of Object.entries(keysOf)) {
      expect([name, ...argumentsOf(name)]).toEqual([name, ...its.map((key) => `${key}=${value}`)])
    }
    expect(argumentsOf('setup.sh')).toEqual([value, value])
    expect(argumentsOf('logs.sh')).toEqual([value])
    expect(argumentsOf('verify-backup.sh')).toEqual([value, value])
    expect(argumentsOf('maintenance.sh')).toEqual(['on'])
    expect(calls).toContainEqual([
      'compose.sh',
      'exec',
      'backup',
      'node',
      'backup.js',
      'restore-point',
      '--',
      value,
    ])
    expect(calls.flat()).toContain(`PGDATABASE=${value}`)
    const drills = calls.filter(([name, , , verb]) => name === 'npm' && verb?.startsWith('drill'))
    const options = [`--runs=${value}`, `--only=${value}`, `--seed=${value}`]
    expect(drills.map((call) => call.slice(5))).toEqual([
      [...options, `--kills=${value}`, `--writes=${value}`],
    ])
    expect(calls.find((call) => call.includes('db:generate'))?.at(-1)).toBe(`--name=${value}`)
  })

  it.each(['0', 'no', 'off', '$(touch p)', '-1'])(
    'switch nothing on or off by another value than 1: %j',
    (typed) => {
      expect(make('maintenance', `ON=${typed}`)).toMatchObject({ status: 2 })
      expect(make('maintenance', `OFF=${typed}`).stderr).toContain('expected OFF=1')
      expect(existsSync(join(root, 'record')) || existsSync(join(root, 'p'))).toBe(false)
    },
  )

  it('are not taken from the shell for a switch either', () => {
    make('maintenance')

    expect(started()).toEqual([['maintenance.sh']])
  })

  it('splits ARGS at its spaces and does nothing else with it', () => {
    make('storm', 'rehearse', "ARGS=--short '$(touch p)' `touch p` * $HOME")

    const words = ['--short', "'$(touch", "p)'", '`touch', 'p`', '*', '$HOME']
    expect(existsSync(join(root, 'p'))).toBe(false)
    expect(started()).toEqual([
      ['npm', 'run', '--silent', 'storm', '--', ...words],
      ['npm', 'run', '--silent', 'db:rehearse', '--', ...words],
    ])
  })

  it('are not taken from variables of the same name that the shell has', () => {
    make('restore', 'verify-backup', 'psql', 'FROM=latest')

    expect(started()).toEqual([
      ['restore.sh', 'FROM=latest'],
      ['verify-backup.sh', '', ''],
      ['compose.sh', 'exec', '--env', 'PGDATABASE=slipway', 'db', 'psql', '--username=postgres'],
    ])
  })

  it('must be given where nothing works without', () => {
    expect(make('migration')).toMatchObject({ status: 2 })
    expect(make('migration').stderr).toContain('NAME is missing')
    expect(make('restore-point', 'NAME=').stderr).toContain('NAME is missing')
    expect(existsSync(join(root, 'record'))).toBe(false)
  })
})
