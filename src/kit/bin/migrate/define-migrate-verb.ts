import { AppError, exitOf, type ExitName } from '../../errors.ts'
import { createReporter } from '../../migrate/create-reporter.ts'
import type { MigrateEvent } from '../../migrate/event.ts'
import { defineVerb, type Arguments, type Verb } from '../process/define-verb.ts'
import type { Terminal } from '../process/terminal.ts'

export const jsonOption = { json: { type: 'boolean', default: false } } as const

type Options = Parameters<typeof defineVerb>[0]['options']

export interface Output extends Terminal {
  isReadable: boolean
  report: (event: MigrateEvent) => void
}

interface Definition<O extends Options> {
  usage: string[]
  options: O
  /** Returns true for readable output, false for JSON lines. */
  isReadable: (given: Arguments<O>) => boolean
  refuse?: (given: Arguments<O>) => void
  run: (output: Output, given: Arguments<O>) => Promise<ExitName>
}

function write(text: string): void {
  process.stdout.write(text)
}

/** Defines a verb of `migrate`: when its result is JSON, an error is also one JSON event on standard output. */
export function defineMigrateVerb<const O extends Options>(definition: Definition<O>): Verb<Terminal> {
  const run = async (terminal: Terminal, given: Arguments<O>): Promise<ExitName> => {
    const isReadable = definition.isReadable(given)
    const report = createReporter({ write, isReadable })
    try {
      return await definition.run({ ...terminal, isReadable, report }, given)
    } catch (err) {
      if (isReadable || !(err instanceof AppError)) throw err
      const exit = exitOf(err)
      report({ event: 'failed', msg: err.publicMessage, hint: err.hint, exit, ...err.fields })
      return exit
    }
  }
  return defineVerb({ ...definition, run })
}
