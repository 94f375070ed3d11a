import { parseArgs, type ParseArgsConfig } from 'node:util'
import { CommandError } from '../errors.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** Of a verb that has the options O: `values` as parseArgs types them, `names` what stands there without a dash. */
export interface Arguments<O extends Options> {
  values: ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>['values']
  names: string[]
}

interface Definition<O extends Options, Context> {
  /** One line per form, without the name of the command: `list [--json]`. */
  usage: string[]
  options: O
  /** How many names it takes at most; none when left out. */
  names?: number
  /** Throws for values that are wrong together, before anything is opened. */
  refuse?: (given: Arguments<O>) => void
  run: (context: Context, given: Arguments<O>) => Promise<void>
}

export interface Verb<Context> {
  usage: string[]
  /** Reads the arguments after the verb; throws a CommandError whose hint is still empty. */
  prepare: (args: string[]) => (context: Context) => Promise<void>
}

export type VerbTable<Context> = Record<string, Verb<Context>>

/** For a verb's own checks of its arguments; the usage is added where the table is known. */
export const wrongArguments = (what: string): CommandError => new CommandError('usage', what)

const parse = <O extends Options>(args: string[], options: O): Arguments<O> => {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    return { values, names: positionals }
  } catch (err) {
    throw wrongArguments(err instanceof Error ? err.message : String(err))
  }
}

export const defineVerb = <const O extends Options, Context>(
  definition: Definition<O, Context>,
): Verb<Context> => ({
  usage: definition.usage,
  prepare: (args) => {
    const given = parse(args, definition.options)
    const surplus = given.names.slice(definition.names ?? 0)
    if (surplus.length > 0) throw wrongArguments(`too many arguments (got ${surplus.join(' ')})`)
    definition.refuse?.(given)
    return (context) => definition.run(context, given)
  },
})

export const usageOf = <Context>(verbs: VerbTable<Context>): string =>
  Object.values(verbs)
    .flatMap(({ usage }) => usage)
    .map((line, n) => `${n === 0 ? 'usage:' : '      '} backup ${line}`)
    .join('\n')

/** What is to be run, as the arguments say; throws a CommandError that carries the usage. */
export const parseCommand = <Context>(
  verbs: VerbTable<Context>,
  [name, ...args]: string[],
): ((context: Context) => Promise<void>) => {
  try {
    const verb = Object.hasOwn(verbs, name ?? '') ? verbs[name ?? ''] : undefined
    if (verb === undefined) throw wrongArguments(`expected a command (got ${name ?? 'none'})`)
    return verb.prepare(args)
  } catch (err) {
    if (!(err instanceof CommandError) || err.exit !== 'usage') throw err
    throw new CommandError('usage', err.publicMessage, { hint: usageOf(verbs), cause: err })
  }
}
