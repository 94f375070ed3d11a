import { describe, expect, it } from 'vitest'
import { watchProgress } from '../../../../src/kit/host/watch-progress.ts'
import { createCopiedBytes } from '../../../../src/kit/backup/upgrade/copied-bytes.ts'

function noted() {
  const notes: (number | 'end')[] = []
  const progress = {
    advance: (bytes: number): void => void notes.push(bytes),
    end: (): void => void notes.push('end'),
  }
  return { notes, progress }
}

describe('work that is watched', () => {
  it('is shown by what has come since the last look, never backwards, and is over at the end', async () => {
    const { notes, progress } = noted()
    const looks = [10, 30, 20, 50]
    const { promise: seen, resolve: seeLast } = Promise.withResolvers<undefined>()
    const readBytes = () => {
      const bytes = looks.shift() ?? 50
      if (looks.length === 0) seeLast(undefined)
      return Promise.resolve(bytes)
    }

    const made = await watchProgress(progress, readBytes, async () => {
      await seen
      return 'made'
    })

    expect(made).toBe('made')
    expect(notes).toEqual([10, 20, 0, 20, 'end'])
  })

  it('goes on when it cannot be looked at any more', async () => {
    const { notes, progress } = noted()

    const made = watchProgress(
      progress,
      () => Promise.reject(new Error('the session is gone')),
      () => Promise.resolve('made'),
    )

    expect(await made).toBe('made')
    expect(notes).toEqual(['end'])
  })

  it('that fails › fails as it would by itself, and nothing stays on the terminal', async () => {
    const { notes, progress } = noted()

    const failing = watchProgress(
      progress,
      () => Promise.resolve(1),
      () => Promise.reject(new Error('no space')),
    )

    await expect(failing).rejects.toThrow('no space')
    expect(notes.at(-1)).toBe('end')
  })
})

describe('bytes that a dump has read', () => {
  it('are the shares of the tables that are read, and all of those that were', () => {
    const copied = createCopiedBytes()
    const table = (relation: number, share: number) => ({ relation, bytes: 100, share })

    expect(copied([table(1, 0.25), table(2, 0.5)])).toBe(75)
    expect(copied([table(2, 0.75), table(3, 0)])).toBe(175)
    expect(copied([])).toBe(300)
  })
})
