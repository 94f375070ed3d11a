import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface CheckFolder {
  path: string
  /** Writes the files and a journal and snapshots that agree with them. */
  write: (files: Record<string, { sql: string; when: number }>) => void
  put: (name: string, text: string) => void
  git: (...args: string[]) => string
  commit: (message: string) => void
}

function snapshot(index: number): string {
  return JSON.stringify({
    id: `id-${index}`,
    prevId: index === 0 ? '00000000-0000-0000-0000-000000000000' : `id-${index - 1}`,
  })
}

/** A migrations folder inside a git repository of its own; both names are hostile. */
export function createCheckFolder(): CheckFolder {
  const home = mkdtempSync(join(tmpdir(), "check it's 🚢 "))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const path = join(home, 'sub folder', 'migrations')
  mkdirSync(join(path, 'meta'), { recursive: true })
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', home, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  git('init', '--initial-branch=main')
  const put = (name: string, text: string): void => writeFileSync(join(path, name), text)
  return {
    path,
    put,
    git,
    write: (files) => {
      const entries = Object.entries(files).map(([tag, { sql, when }], idx) => {
        put(`${tag}.sql`, sql)
        put(`meta/${tag.slice(0, 4)}_snapshot.json`, snapshot(idx))
        return { idx, version: '7', when, tag, breakpoints: true }
      })
      put('meta/_journal.json', JSON.stringify({ version: '7', dialect: 'postgresql', entries }))
    },
    commit: (message) => {
      git('add', '--all')
      git('commit', '--message', message)
    },
  }
}
