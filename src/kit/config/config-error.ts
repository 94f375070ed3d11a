export interface Fault {
  key: string
  /** Lower case, no full stop: what was expected and what was found; never the value of a secret. */
  problem: string
  hint: string
}

function lines(fault: Fault): string {
  return `${fault.key}: ${fault.problem}\n  hint: ${fault.hint}`
}

/** Lists every fault of the settings at once. A process prints the message and exits with 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`
    super([`the configuration has ${count}`, ...faults.map(lines)].join('\n'))
    this.faults = faults
  }
}
