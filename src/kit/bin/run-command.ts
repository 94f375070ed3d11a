import { AppError, CommandError, exitCodes } from '../errors.ts'
import { reportFailure } from './report-failure.ts'

interface Command<Args> {
  usage: string
  /** Throws for whatever is wrong with the arguments. */
  parse: () => Args
  run: (args: Args) => Promise<number>
}

/** A command of the migrate room from its arguments to its exit code, which it returns and never throws. */
export async function runCommand<Args extends { help: boolean }>(command: Command<Args>): Promise<number> {
  let args: Args
  try {
    args = command.parse()
  } catch (err) {
    const sentence = (err as Error).message.split('. ')[0] ?? ''
    reportFailure(new AppError('invalid_request', sentence, { hint: command.usage }))
    return exitCodes.usage
  }
  try {
    if (!args.help) return await command.run(args)
    process.stdout.write(`${command.usage}\n`)
    return exitCodes.ok
  } catch (err) {
    const code = reportFailure(err)
    return err instanceof CommandError ? exitCodes[err.exit] : code
  }
}
