import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'
import { checkout } from '../../support/spawn-process.ts'

function scriptsIn(folder: string): string[] {
  return readdirSync(join(checkout, folder))
    .filter((name) => name.endsWith('.sh'))
    .map((name) => `${folder}/${name}`)
}

/** What runs on the user's own machine. The base images are made on Linux alone, and the rest of ops/ runs in containers. */
const onHost = [...scriptsIn('ops'), ...scriptsIn('ops/upgrade')].filter(
  (path) => !['ops/base-images.sh', 'ops/probe.sh'].includes(path),
)

/** Options and programs that GNU has and macOS, FreeBSD or busybox lack or mean otherwise. */
const ofGnuAlone =
  /\b(realpath -|readlink -f|stat (-c|--)|date (-d|--)|mktemp --|mv (-T|--)|sed (-i|--|-s|-z)|xargs -[rd]|flock\b|tac\b|sha\d+sum|(?<!-)timeout \d|cp (-T|--)|ch(own|mod|grp) --|touch (-d|--)|sort -[Vz]|head -n -|grep (-P|--)|df --|du --|(?<!volume )ls --|install (-D|--)|ln (-T|--)|nproc|shuf|numfmt|cut --|tail --|stdbuf|setpriv)|\s-(printf|quit|newermt|readable)\b/
/** bash 5. */
const ofLaterBash = /\b(EPOCHSECONDS|EPOCHREALTIME|SRANDOM|BASH_ARGV0)\b|\$\{\w+@[ULuK]\}|\bwait -p\b/
/** GNU make after 3.81. */
const ofLaterMake =
  /\.ONESHELL|\$\(file |\$\(shell.*!=|\$\(intcmp|\$\(let |^undefine|^define \w+ :?=|::=|!=|\$\(call \$/

function codeOf(path: string): string[] {
  const text = readFileSync(join(checkout, path), 'utf8')
  // A container has the tools of its image.
  const onlyHost = text
    .replaceAll(/--entrypoint bash -- -ec '[^']*'/g, '')
    .replaceAll(/in_node_image "[^"]*(\\"[^"]*)*"/g, '')
  return onlyHost.split('\n').filter((line) => !/^\s*#|compose exec|command -v/.test(line))
}

function uses(path: string, pattern: RegExp): string[] {
  return codeOf(path).filter((line) => pattern.test(line))
}

describe('scripts of the host', () => {
  it.each(onHost)('use no option that GNU alone has: %s', (path) => {
    expect(uses(path, ofGnuAlone)).toEqual([])
  })

  it.each(onHost)('use nothing of bash after 4.4: %s', (path) => {
    expect(uses(path, ofLaterBash)).toEqual([])
  })

  it('are called by a Makefile that GNU make 3.81 reads', () => {
    expect(uses('Makefile', ofLaterMake)).toEqual([])
  })

  it.each([
    'realpath -m x',
    'x=$(stat -c %u y)',
    'mv -T a b',
    'sed -i s/a/b/ c',
    'date --utc',
    'find . -print -quit',
  ])('would be refused with: %s', (line) => {
    expect(line).toMatch(ofGnuAlone)
  })
})

describe('the bash of macOS', () => {
  let copy: OpsCopy

  beforeEach(() => {
    copy = openOpsCopy()
  })

  afterEach(() => copy.close())

  it.each(['up.sh', 'down.sh', 'embedded.sh', 'backup.sh', 'restore.sh', 'maintenance.sh'])(
    'is refused before %s does anything',
    async (script) => {
      const library = join(copy.root, 'ops/lib.sh')
      const text = readFileSync(library, 'utf8')
        .replaceAll('BASH_VERSINFO', 'OLD')
        .replaceAll('$BASH_VERSION', '3.2.57')
      writeFileSync(library, `OLD=(3 2)\n${text}`)

      const { code, said } = await copy.start(script).ended

      expect(code).toBe(1)
      expect(said).toMatch(
        /^error: this script was started by bash 3\.2\.57, and 4\.4 or later is needed\nhint: .*\n$/m,
      )
    },
  )
})
