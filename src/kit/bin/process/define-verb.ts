import { parseArgs, type ParseArgsConfig } from 'node:util'
import { CommandError, type ExitName } from '../../errors.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** The arguments of a verb with the options O: `values` as parseArgs types them, `names` those without a dash. */
export interface Arguments<O extends Options> {
  values: ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>['values']
  names: string[]
}

interface Definition<O extends Options, Context> {
  /** One line per form, without the name of the command: `list [--json]`. */
  usage: string[]
  options: O
  /** Maximum number of names; none when absent. */
  names?: number
  /** Throws wrongArguments for values that are not allowed, before anything is opened. */
  refuse?: (given: Arguments<O>) => void
  /** Returns the name of its exit code, or nothing for `ok`. */
  run: (context: Context, given: Arguments<O>) => Promise<ExitName> | Promise<void>
}

type Run<Context> = (context: Context) => Promise<ExitName> | Promise<void>

export interface Verb<Context> {
  usage: string[]
  /** Reads the arguments after the verb: what to run, or 'help'. Throws wrongArguments. */
  prepare: (args: string[]) => Run<Context> | 'help'
}

export type VerbTable<Context> = Record<string, Verb<Context>>

/** The error of a verb's own checks; runCommand adds the usage as its hint. */
export function wrongArguments(sentence: string): CommandError {
  return new CommandError('usage', sentence)
}

/** The number in the option `--name`. Throws wrongArguments unless `text` is a whole number from `least` to `most`. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw wrongArguments(`--${name}: expected a whole number from ${least} to ${most} (got '${text}')`)
}

function parse<O extends Options>(args: string[], own: O): Arguments<O> & { isHelp: boolean } {
  const options = { ...own, help: { type: 'boolean', short: 'h' } } as const
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    return { values, names: positionals, isHelp: 'help' in values }
  } catch (err) {
    // Its second sentence explains how a name may begin with a dash.
    throw wrongArguments((err as Error).message.split('. ')[0] ?? '')
  }
}

/** A verb of a command, or a command without verbs. Every verb also takes --help and -h. */
export function defineVerb<const O extends Options, Context>(
  definition: Definition<O, Context>,
): Verb<Context> {
  return {
    usage: definition.usage,
    prepare: (args) => {
      const { isHelp, ...given } = parse(args, definition.options)
      if (isHelp) return 'help'
      const surplus = given.names.slice(definition.names ?? 0)
      if (surplus.length > 0) throw wrongArguments(`too many arguments (got ${surplus.join(' ')})`)
      definition.refuse?.(given)
      return (context) => definition.run(context, given)
    },
  }
}
