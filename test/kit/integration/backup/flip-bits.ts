import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Flips {
  /** A backup: all of its files take their turn. */
  folder: string
  count: number
  /** From 0 up to 1. */
  random: () => number
  /** Rejects when it finds something wrong. */
  verify: () => Promise<unknown>
}

/** Returns what turns it back. */
export async function flipBit(path: string, random: () => number): Promise<() => Promise<void>> {
  const good = await readFile(path)
  const bit = Math.floor(random() * good.length * 8)
  const bad = Buffer.from(good)
  bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  await writeFile(path, bad)
  return () => writeFile(path, good)
}

/** One bit at a time, in one file after the other; returns the files in which one was not noticed. */
export async function flipBits({ folder, count, random, verify }: Flips): Promise<string[]> {
  const files = await readdir(folder)
  const missed: string[] = []
  for (let flip = 0; flip < count; flip += 1) {
    const file = files[flip % files.length] ?? ''
    const turnBack = await flipBit(join(folder, file), random)
    const isFound = await verify().then(
      () => false,
      () => true,
    )
    if (!isFound) missed.push(file)
    await turnBack()
  }
  return missed
}
