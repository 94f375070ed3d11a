import { open } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

const pieceBytes = 256 * 1024
const lookEveryMs = 20

/**
 * Yields the content of a file and what is appended to it until `over` settles. A chunk is valid only until the next
 * one is requested: new memory for each would keep the garbage collector busy beside a dump.
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
