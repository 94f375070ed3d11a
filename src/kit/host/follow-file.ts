import { open } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

const pieceBytes = 256 * 1024
const lookEveryMs = 20

/**
 * What a file holds and what others still write to its end, until `over` has settled either way. A piece is of worth until the
 * next one is asked for: new memory for each would keep the collector at work beside a dump.
 */
export async function* followFile(file: string, over: Promise<unknown>): AsyncGenerator<Buffer> {
  const state = { isOver: false }
  const settle = (): void => void (state.isOver = true)
  const ended = over.then(settle, settle)
  const handle = await open(file)
  const memory = Buffer.allocUnsafeSlow(pieceBytes)
  try {
    for (;;) {
      const wasOver = state.isOver
      const { bytesRead } = await handle.read(memory)
      if (bytesRead > 0) yield memory.subarray(0, bytesRead)
      else if (wasOver) return
      else await Promise.race([ended, wait(lookEveryMs)])
    }
  } finally {
    await handle.close()
  }
}
