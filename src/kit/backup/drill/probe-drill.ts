import { request } from 'node:http'

/** Answer of the drill service to GET /livez; `away` when it does not answer. */
export type DrillServerState = 'idle' | 'busy' | 'away'

const deadlineMs = 2_000

/** Asks the drill service for its state. Never rejects. */
export function probeDrill(socketPath: string): Promise<DrillServerState> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/livez', agent: false, timeout: deadlineMs }, (res) => {
      res.resume()
      resolve(res.statusCode === 200 ? 'idle' : 'busy')
    })
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => resolve('away'))
    asked.end()
  })
}
