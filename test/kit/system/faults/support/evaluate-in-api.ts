import { compose } from '../../../support/stack.ts'

/** Run by a second Node in the container: opens the inspector of the first, says one sentence and hangs up. */
function script(expression: string): string {
  return `
  const { readFileSync } = require('node:fs')
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  const target = async () => {
    for (;;) {
      const list = await fetch('http://127.0.0.1:9229/json/list').then((res) => res.json(), () => undefined)
      if (list !== undefined) return list[0].webSocketDebuggerUrl
      await wait(50)
    }
  }
  process.kill(Number(readFileSync('/proc/1/task/1/children', 'utf8')), 'SIGUSR1')
  target().then((url) => {
    const socket = new WebSocket(url)
    const params = { expression: ${JSON.stringify(expression)} }
    socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }))
    socket.onmessage = () => socket.close()
  })`
}

/**
 * Has the API's own process evaluate `expression`, through the inspector that Node opens for a signal of its own user:
 * faults from within need no back door in the product.
 */
export function evaluateInApi(expression: string): Promise<string> {
  return compose('exec', '-T', 'api', 'node', '--eval', script(expression))
}

export async function killApi(): Promise<void> {
  const kill =
    "process.kill(Number(require('node:fs').readFileSync('/proc/1/task/1/children', 'utf8')), 'SIGKILL')"
  // Whoever asks from inside the container ends with it.
  await compose('exec', '-T', 'api', 'node', '--eval', kill).catch(() => undefined)
}
