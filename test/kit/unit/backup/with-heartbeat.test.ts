import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { CommandError } from '../../../../src/kit/errors.ts'
import type { Job } from '../../../../src/kit/backup/jobs/job.ts'
import { withHeartbeat } from '../../../../src/kit/backup/jobs/with-heartbeat.ts'
import { createLogger } from '../../../../src/kit/telemetry/logger.ts'

const path = '/ping/hunter2'
function soon(url: string | undefined) {
  return { url, answerWithinMs: 5_000 }
}
const never = new AbortController().signal

function jobThat(run: Job['run']): Job {
  return { name: 'portable_dump', isDue: () => true, run }
}

describe('heartbeat', () => {
  let server: Server | undefined

  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  const listen = async (answer: RequestListener): Promise<{ url: string; asked: string[] }> => {
    const asked: string[] = []
    server = createServer((req, res) => {
      asked.push(`${req.method ?? ''} ${req.url ?? ''}`)
      answer(req, res)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, asked }
  }
  const recordingLogger = () => {
    const lines: string[] = []
    return {
      lines,
      logger: createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } }),
    }
  }
  const succeeding = jobThat(() => Promise.resolve({ name: 'x' }))

  it('is sent once after a success', async () => {
    const { url, asked } = await listen((_req, res) => res.end('ok'))
    const { logger, lines } = recordingLogger()

    expect(await withHeartbeat(succeeding, soon(url), logger).run(never)).toEqual({ name: 'x' })

    expect(asked).toEqual([`GET ${path}`])
    expect(lines).toEqual([])
  })

  it('is not sent after a failure', async () => {
    const { url, asked } = await listen((_req, res) => res.end('ok'))
    const failing = jobThat(() =>
      Promise.reject(new CommandError('no_space', 'full', { hint: 'free space' })),
    )

    await expect(withHeartbeat(failing, soon(url), recordingLogger().logger).run(never)).rejects.toThrow(
      'full',
    )

    expect(asked).toEqual([])
  })

  it('that is refused is a line in the log without the URL, and the job has succeeded', async () => {
    const { url } = await listen((_req, res) => res.writeHead(500).end())
    const { logger, lines } = recordingLogger()

    expect(await withHeartbeat(succeeding, soon(url), logger).run(never)).toEqual({ name: 'x' })

    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'warn',
      msg: 'heartbeat not sent',
      reason: 'the answer was 500',
    })
    expect(lines.join()).not.toMatch(/hunter2|127\.0\.0\.1/)
  })

  it('that nobody listens to is the same', async () => {
    const { logger, lines } = recordingLogger()

    await withHeartbeat(succeeding, soon(`http://127.0.0.1:1${path}`), logger).run(never)

    expect(lines).toHaveLength(1)
    expect(lines.join()).not.toMatch(/hunter2|127\.0\.0\.1/)
  })

  it('does not wait for ever for an answer', async () => {
    const { url, asked } = await listen(() => undefined)
    const { logger, lines } = recordingLogger()

    await withHeartbeat(succeeding, { url, answerWithinMs: 1_000 }, logger).run(never)

    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ reason: 'no answer in time' })
    expect(asked).toHaveLength(1)
  })

  it('is nothing at all without a URL', () => {
    expect(withHeartbeat(succeeding, soon(undefined), recordingLogger().logger)).toBe(succeeding)
  })
})
