export interface Random {
  /** From 0 up to 1. */
  next: () => number
  /** A whole number from `low` to `high`, both included. */
  between: (low: number, high: number) => number
  pick: <T>(choices: readonly [T, ...T[]]) => T
}

function hash(text: string): number {
  let state = 2_166_136_261
  for (const char of text) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 16_777_619)
  return state >>> 0
}

/** The same choices for the same seed and the same name (mulberry32): a fault that is run alone does what it did among others. */
export function createRandom(seed: number, name: string): Random {
  let state = (seed ^ hash(name)) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return { next, between, pick: (choices) => choices[between(0, choices.length - 1)] ?? choices[0] }
}
