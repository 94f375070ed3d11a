import { CommandError, exitCodes } from '../../errors.ts'
import { wrongArguments, type Verb, type VerbTable } from './define-verb.ts'
import { reportFailure } from './report-failure.ts'

interface CommandOf<Context> {
  /** The command as typed, before the verb. */
  name: string
  /** Lines below the usage. */
  notes?: string[]
  /** Opens the context of the verbs, after the arguments have been accepted. */
  open: () => Context
  /** Turns an error of a library into a CommandError; left out where only CommandErrors are expected. */
  explain?: (err: unknown) => unknown
}

/** With `fallback`, a call that names no verb runs that one. */
export type Command<Context> = CommandOf<Context> &
  ({ verbs: VerbTable<Context>; fallback?: string } | { verb: Verb<Context> })

interface Chosen<Context> {
  verb: Verb<Context>
  rest: string[]
}

/** The usage of `verbs`, or of all verbs of the command. */
export function usageOf<Context>(command: Command<Context>, verbs?: Verb<Context>[]): string {
  const all = 'verb' in command ? [command.verb] : Object.values(command.verbs)
  const forms = (verbs ?? all).flatMap(({ usage }) => usage)
  const lines = forms.map((line, n) => `${n === 0 ? 'usage:' : '      '} ${command.name} ${line}`.trimEnd())
  return [...lines, ...(command.notes ?? []), 'exit codes: docs/reference/exit-codes.md'].join('\n')
}

function choose<Context>(command: Command<Context>, args: string[]): Chosen<Context> | 'help' {
  if ('verb' in command) return { verb: command.verb, rest: args }
  const [first, ...rest] = args
  if (first === '--help' || first === '-h' || first === 'help') return 'help'
  const { verbs, fallback } = command
  const isNamed = first !== undefined && !first.startsWith('-')
  const name = isNamed ? first : (fallback ?? '')
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (verb === undefined)
    throw usageFault(command, wrongArguments(`expected a verb (got ${first ?? 'none'})`))
  return { verb, rest: isNamed ? rest : args }
}

function usageFault<Context>(command: Command<Context>, err: unknown, verbs?: Verb<Context>[]): unknown {
  if (!(err instanceof CommandError) || err.exit !== 'usage') return err
  return new CommandError('usage', err.publicMessage, { hint: usageOf(command, verbs), cause: err })
}

/** Parses the arguments into a run or the help text. Throws a CommandError whose hint is the usage. */
export function parseCommand<Context>(
  command: Command<Context>,
  args: string[],
): Exclude<ReturnType<Verb<Context>['prepare']>, 'help'> | string {
  const chosen = choose(command, args)
  if (chosen === 'help') return usageOf(command)
  try {
    const prepared = chosen.verb.prepare(chosen.rest)
    return prepared === 'help' ? usageOf(command, [chosen.verb]) : prepared
  } catch (err) {
    throw usageFault(command, err, [chosen.verb])
  }
}

/**
 * Runs a command by the arguments of the process and returns its exit code: help goes to standard output with 0, a wrong
 * argument to standard error with 2. Prints every error; never throws.
 */
export async function runCommand<Context>(
  command: Command<Context>,
  args = process.argv.slice(2),
): Promise<number> {
  try {
    const parsed = parseCommand(command, args)
    if (typeof parsed !== 'string') return exitCodes[(await parsed(command.open())) ?? 'ok']
    process.stdout.write(`${parsed}\n`)
    return exitCodes.ok
  } catch (err) {
    const explained = command.explain?.(err) ?? err
    const code = reportFailure(explained)
    return explained instanceof CommandError ? exitCodes[explained.exit] : code
  }
}
