import { request } from 'node:http'

/** What the drill says when asked whether it lives; `away` when nobody answers. */
export type DoorState = 'idle' | 'busy' | 'away'

const deadlineMs = 2_000

export const knock = (socketPath: string): Promise<DoorState> =>
  new Promise((resolve) => {
    const asked = request({ socketPath, path: '/livez', agent: false, timeout: deadlineMs }, (res) => {
      res.resume()
      resolve(res.statusCode === 200 ? 'idle' : 'busy')
    })
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => resolve('away'))
    asked.end()
  })
