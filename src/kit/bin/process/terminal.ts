/** Output of a command. */
export interface Terminal {
  /** For people, on standard error. */
  say: (text: string) => void
  /** The result, on standard output. */
  print: (text: string) => void
}

export function openTerminal(): Terminal {
  return {
    say: (text) => void process.stderr.write(`${text}\n`),
    print: (text) => void process.stdout.write(`${text}\n`),
  }
}
