import type { Fault } from './config-error.ts'
import type { KeyRow } from './key-row.ts'

export type ReadFile = (path: string) => string

type Read = { text: string | undefined } | { fault: Fault }

function set(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function readText(key: string, path: string, readFile: ReadFile, mayBeEmpty = false): Read {
  try {
    // An editor adds one final line break; anything more belongs to the value.
    const text = set(readFile(path).replace(/\r?\n$/, ''))
    if (text !== undefined || mayBeEmpty) return { text }
    return {
      fault: {
        key,
        problem: `the file ${path} is empty`,
        hint: 'run make setup, or write the value into it',
      },
    }
  } catch (err) {
    const code = (err as NodeJS.ErrnoException).code ?? 'unknown error'
    const hint = 'check that the path exists and that this process may read it'
    return { fault: { key, problem: `the file ${path} cannot be read: ${code}`, hint } }
  }
}

/** Reads the text of a setting from KEY or, for a secret, from the file that KEY_FILE names. */
export function readValue(key: string, row: KeyRow, env: NodeJS.ProcessEnv, readFile: ReadFile): Read {
  const direct = set(env[key])
  if (row.type === 'file_text')
    return direct === undefined ? { text: undefined } : readText(key, direct, readFile)
  if (row.secret !== true) return { text: direct }
  const path = set(env[`${key}_FILE`])
  if (path === undefined) return { text: direct }
  if (direct === undefined) return readText(`${key}_FILE`, path, readFile, row.mayBeEmpty)
  return { fault: { key, problem: `both ${key} and ${key}_FILE are set`, hint: 'keep one of them' } }
}
