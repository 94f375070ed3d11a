import { parseArgs } from 'node:util'
import { CommandError } from '../errors.ts'

export const migrateUsage = `usage: migrate [up] [--allow-out-of-order]    apply what is pending
       migrate status [--porcelain]          where the database stands; exit 10 when something is pending
       migrate plan                          the SQL that up would run
       migrate baseline --to TAG             record files of an existing schema without running them
       migrate drift                         the live catalog against the fingerprint
       migrate check [--base BRANCH|TAG]     the files, without a database (in a checkout)
       migrate fingerprint                   write the fingerprint, from a throw-away PostgreSQL (in a checkout)
--json gives one JSON line per event or result, --porcelain lines of key=value for scripts; exit codes: docs/reference/exit-codes.md`

const options = {
  json: { type: 'boolean', default: false },
  porcelain: { type: 'boolean', default: false },
  to: { type: 'string' },
  base: { type: 'string' },
  'allow-out-of-order': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

export interface MigrateArgs {
  command: string
  json: boolean
  porcelain: boolean
  allowOutOfOrder: boolean
  to: string | undefined
  base: string | undefined
}

export const parseMigrateArgs = (args: string[]): MigrateArgs => {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    if (positionals.length > 1) throw new Error(`unexpected ${positionals.slice(1).join(' ')}`)
    return {
      command: values.help ? 'help' : (positionals[0] ?? 'up'),
      json: values.json,
      porcelain: values.porcelain,
      allowOutOfOrder: values['allow-out-of-order'],
      to: values.to,
      base: values.base,
    }
  } catch (err) {
    const [sentence = ''] = (err as Error).message.split('. ')
    throw new CommandError('usage', sentence, { hint: migrateUsage })
  }
}
