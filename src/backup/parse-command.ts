import { parseArgs } from 'node:util'
import { BackupError } from './backup-error.ts'

export type BackupCommand =
  | { verb: 'create' }
  | { verb: 'schedule' }
  | { verb: 'list'; isJson: boolean }
  | { verb: 'verify'; from: string }
  | {
      verb: 'restore'
      from: string
      isDryRun: boolean
      isOtherDatabaseAllowed: boolean
      isOlderDropped: boolean
    }

export const usage = `usage: backup create                     take a backup now
       backup schedule                   take them as BACKUP_SCHEDULE says; answers /metrics
       backup list [--json]
       backup verify [NAME|PATH|latest]
       backup restore --from NAME|PATH|latest [--dry-run] [--other-database] [--drop-older]
example: backup restore --from 20261122T031500Z-a1b2c3 --dry-run`

const options = {
  json: { type: 'boolean', default: false },
  from: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  'other-database': { type: 'boolean', default: false },
  'drop-older': { type: 'boolean', default: false },
} as const

const wrong = (what: string): BackupError => new BackupError('usage', what, usage)

const parse = (args: string[]) => {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (err) {
    throw wrong(err instanceof Error ? err.message : String(err))
  }
}

/** Throws a BackupError that carries the usage. */
export const parseCommand = (args: string[]): BackupCommand => {
  const { values, positionals } = parse(args)
  const [verb, name, ...surplus] = positionals
  if (surplus.length > 0) throw wrong(`too many arguments (got ${surplus.join(' ')})`)
  if (verb === 'verify') return { verb, from: name ?? 'latest' }
  if (name !== undefined) throw wrong(`'${verb ?? ''}' takes no such argument (got ${name})`)
  if (verb === 'create' || verb === 'schedule') return { verb }
  if (verb === 'list') return { verb, isJson: values.json }
  if (verb !== 'restore') throw wrong(`expected a command (got ${verb ?? 'none'})`)
  if (values.from === undefined || values.from === '') throw wrong('restore needs to know what from')
  return {
    verb,
    from: values.from,
    isDryRun: values['dry-run'],
    isOtherDatabaseAllowed: values['other-database'],
    isOlderDropped: values['drop-older'],
  }
}
