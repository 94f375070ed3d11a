import { spawn } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkout } from './spawn-process.ts'
import { until } from './until.ts'

export interface StartedScript {
  /** Both streams so far. */
  said: () => string
  type: (line: string) => void
  /** As kill -9 of the terminal: with all it has started. */
  kill: () => Promise<void>
  ended: Promise<{ code: number | null; said: string }>
}

interface HowToStart {
  isTerminal?: boolean
  input?: string
  environment?: Record<string, string>
}

export interface OpsCopy {
  root: string
  /** What docker does from now on: lines of bash, in which $root is the folder of the copy. By default it agrees to everything. */
  engine: (script: string) => void
  /** What docker was asked so far, a line each. */
  asked: () => string[]
  start: (script: string, args?: string[], how?: HowToStart) => StartedScript
  close: () => void
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** script(1) gives it a terminal, and ends with its code. */
function commandOf(path: string, args: string[], isTerminal: boolean): [string, string[]] {
  return isTerminal
    ? ['script', ['--quiet', '--return', '--command', [path, ...args].map(quoted).join(' '), '/dev/null']]
    : [path, args]
}

/** Compose asked for the settings: the lines of the file as they stand, and what the caller set. Not among what was asked. */
const readsEnv = `
[[ "$*" != 'compose version' ]] || exit 0
if [[ "$*" == *' config --format json' ]]; then
  cat >/dev/null
  { grep -E '^[A-Z0-9_]+=' "$7" || true; env | grep -E '^((COMPOSE|PGDATA)_[A-Z_]+|CA_FILE)=' || true; } | sed -E 's/^([A-Z0-9_]+)=(.*)/        "\\1": "\\2"/'
  exit
fi`

/** The scripts of the host in a checkout of their own, beside an engine that a few lines of shell play. */
export function openOpsCopy(): OpsCopy {
  const root = mkdtempSync(join(tmpdir(), "slipway ops it's 🚢 "))
  cpSync(join(checkout, 'ops'), join(root, 'ops'), { recursive: true })
  for (const file of ['.env.example', 'Dockerfile', 'compose.prod.yaml'])
    copyFileSync(join(checkout, file), join(root, file))
  const bin = join(root, 'bin')
  const log = join(root, 'asked')
  mkdirSync(bin)
  const engine = (script: string): void => {
    const lines = [
      '#!/usr/bin/env bash',
      `root=${quoted(root)}`,
      readsEnv,
      // Every script asks first which folder the containers of the stack were started from: none that a test has not named.
      '[[ "$*" != *project=*-dev\\ *project.working_dir* ]] || { cat "$root/dev-started-from" 2>/dev/null; exit 0; }',
      '[[ "$*" != *project.working_dir* ]] || { cat "$root/started-from" 2>/dev/null; exit 0; }',
      'printf "%s\\n" "$*" >>"$root/asked"',
      script,
    ]
    // By another file: one that runs is read on.
    writeFileSync(join(bin, 'docker.next'), `${lines.join('\n')}\n`, { mode: 0o755 })
    renameSync(join(bin, 'docker.next'), join(bin, 'docker'))
  }
  engine('')
  const started = new Set<number>()
  return {
    root,
    engine,
    asked: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : []),
    start: (script, args = [], { isTerminal = false, input, environment = {} } = {}) => {
      const child = spawn(...commandOf(join(root, 'ops', script), args, isTerminal), {
        env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: root, TMPDIR: root, ...environment },
        detached: true,
      })
      const { pid } = child
      // A signal to process 0 would reach the tests themselves.
      if (pid === undefined) throw new Error(`${script} cannot be started`)
      started.add(pid)
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (said += text))
      // A script that is refused reads nothing of it.
      child.stdin.on('error', () => undefined)
      if (!isTerminal) child.stdin.end(input)
      const ended = new Promise<{ code: number | null; said: string }>((resolve, reject) => {
        child.once('error', reject)
        child.once('close', (code) => {
          started.delete(pid)
          resolve({ code, said })
        })
      })
      return {
        said: () => said,
        type: (line) => void child.stdin.write(`${line}\n`),
        kill: async () => {
          process.kill(-pid, 'SIGKILL')
          await ended
        },
        ended,
      }
    },
    close: () => {
      for (const pid of started) process.kill(-pid, 'SIGKILL')
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** Answers the questions of a script one after the other, each when it stands there. */
export async function answer(script: StartedScript, answers: Record<string, string>): Promise<void> {
  for (const [question, line] of Object.entries(answers)) {
    await until(`the question ${question}`, () => script.said().includes(question), { explain: script.said })
    script.type(line)
  }
}
