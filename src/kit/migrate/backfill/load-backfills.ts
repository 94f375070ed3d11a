import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import { type Backfill, parseBackfill } from './parse-backfill.ts'

/** Every `.sql` file of the folder, by name. */
export function loadBackfills(folder: string): Backfill[] {
  return namesIn(folder).map((file) =>
    parseBackfill(file.replace(/\.sql$/, ''), readFileSync(join(folder, file), 'utf8')),
  )
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.sql'))
      .sort()
  } catch (err) {
    throw new CommandError('usage', `the folder ${folder} cannot be read`, {
      hint: 'name the folder that holds the backfills with --folder',
      cause: err,
    })
  }
}
