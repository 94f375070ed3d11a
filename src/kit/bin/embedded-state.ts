import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RolePasswords } from '../postgres/provision-roles.ts'
import { AppError } from '../errors.ts'

/** State that survives a restart, besides the data folder. */
export interface EmbeddedState {
  postgresPort?: number
  superuserPassword: string
  rolePasswords: RolePasswords
  authSecret: string
}

function random(): string {
  return randomBytes(32).toString('base64url')
}

function fileOf(folder: string): string {
  return join(folder, 'embedded.json')
}

function createState(): EmbeddedState {
  return {
    superuserPassword: random(),
    rolePasswords: { migrator: random(), app: random(), backup: random(), monitor: random() },
    authSecret: random(),
  }
}

/** Writes a file atomically, readable by its owner only. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(`${path}.partial`, text, { mode: 0o600 })
  await rename(`${path}.partial`, path)
}

export function saveState(folder: string, state: EmbeddedState): Promise<void> {
  return writePrivate(fileOf(folder), `${JSON.stringify(state, undefined, 2)}\n`)
}

export async function loadState(folder: string, databaseHome: string): Promise<EmbeddedState> {
  if (existsSync(fileOf(folder))) return JSON.parse(await readFile(fileOf(folder), 'utf8')) as EmbeddedState
  if (existsSync(join(databaseHome, 'data'))) {
    throw new AppError(
      'internal',
      `${databaseHome} holds a database, but its passwords in embedded.json are gone`,
      {
        hint: `put ${fileOf(folder)} back, or remove ${databaseHome} to begin with an empty database`,
      },
    )
  }
  const state = createState()
  await saveState(folder, state)
  return state
}
