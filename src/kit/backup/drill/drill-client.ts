import { once } from 'node:events'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { CommandError } from '../../errors.ts'
import {
  messageSchema,
  silentMs,
  type DrillMessage,
  type DrillOutcome,
  type DrillRequest,
  type StepName,
} from './drill-protocol.ts'
import { probeDrill } from './probe-drill.ts'

export interface DrillCall {
  socketPath: string
  request: DrillRequest
  /** Writes the body of the request and ends it. `signal` is aborted when the drill ends. */
  send: (drill: ClientRequest, signal: AbortSignal) => Promise<void>
  onStep: (name: StepName) => void
  signal?: AbortSignal | undefined
}

/** The drill service restarts after each drill. */
const doorWaitMs = 20_000
/** Grace period beyond the timeout of the drill, for a service that no longer answers. */
const graceMs = 30_000

const brokenOff = 'the drill service ended in the middle of the drill'
const readDrillLog = 'read the log of the drill: make logs SERVICE=drill'

async function untilIdle(socketPath: string, signal?: AbortSignal): Promise<void> {
  const deadline = Date.now() + doorWaitMs
  for (;;) {
    const state = await probeDrill(socketPath)
    if (state === 'idle') return
    if (Date.now() > deadline) {
      throw state === 'busy'
        ? new CommandError('busy', 'the drill service is busy with another drill', {
            hint: 'wait until it has ended and try again',
          })
        : new CommandError('unreachable', 'the drill service does not answer', {
            hint: 'is it running? make status; make up starts it',
          })
    }
    await pause(200, undefined, signal === undefined ? {} : { signal })
  }
}

function lost(what: string, cause?: unknown): CommandError {
  return new CommandError('failed', what, { hint: readDrillLog, cause })
}

function parseMessage(line: string): DrillMessage {
  const parsed = messageSchema.safeParse(JSON.parse(line))
  if (!parsed.success) throw lost('the drill service says what nobody understands')
  return parsed.data
}

async function readMessages(
  res: IncomingMessage,
  onMessage: (message: DrillMessage) => void,
): Promise<DrillOutcome> {
  // The end of the response reports the reason.
  res.on('error', () => undefined)
  if (res.statusCode !== 200) throw lost(`the drill service refused the drill (${res.statusCode ?? 0})`)
  for await (const line of createInterface({ input: res })) {
    const message = parseMessage(line)
    onMessage(message)
    if (message.type === 'ended') return message
  }
  throw lost(brokenOff)
}

/**
 * Returns a watchdog that closes the connection after a period without messages: the drill service has
 * hung.
 */
function watchDeadConnections(drill: ClientRequest) {
  let isSilent = false
  let timer: NodeJS.Timeout
  const heard = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      isSilent = true
      drill.destroy()
    }, silentMs)
  }
  heard()
  return { heard, isSilent: () => isSilent, stop: () => clearTimeout(timer) }
}

function explainLoss(err: unknown, isSilent: boolean): CommandError {
  if (isSilent) return lost('the drill service has fallen silent')
  if (err instanceof CommandError) return err
  const isLate = err instanceof Error && err.name === 'AbortError'
  return lost(isLate ? 'the drill did not end in time' : brokenOff, err)
}

async function listen(drill: ClientRequest, { onStep }: DrillCall): Promise<DrillOutcome> {
  const silent = watchDeadConnections(drill)
  try {
    const [res] = (await once(drill, 'response')) as [IncomingMessage]
    return await readMessages(res, (message) => {
      silent.heard()
      if (message.type === 'step') onStep(message.name)
    })
  } catch (err) {
    throw explainLoss(err, silent.isSilent())
  } finally {
    silent.stop()
  }
}

function open({ socketPath, request, signal }: DrillCall): ClientRequest {
  const bounds = [AbortSignal.timeout(request.timeoutMs + graceMs), ...(signal === undefined ? [] : [signal])]
  const drill = httpRequest({
    socketPath,
    method: 'POST',
    path: '/drill',
    agent: false,
    signal: AbortSignal.any(bounds),
  })
  // The reader of the response receives the error. An error after the outcome is ignored.
  drill.on('error', () => undefined)
  drill.write(`${JSON.stringify(request)}\n`)
  return drill
}

/**
 * Sends one drill to the drill service and returns its outcome. Each side detects a lost connection at
 * once. Throws CommandError.
 */
export async function requestDrill(settings: DrillCall): Promise<DrillOutcome> {
  await untilIdle(settings.socketPath, settings.signal)
  const drill = open(settings)
  const over = new AbortController()
  const heard = listen(drill, settings).finally(() => over.abort())
  const sent = settings.send(drill, over.signal).catch((err: unknown) => {
    drill.destroy()
    throw err
  })
  const [outcome, sending] = await Promise.allSettled([heard, sent])
  drill.destroy()
  // An error of the source comes first: the drill service reports only an incomplete request.
  if (sending.status === 'rejected' && sending.reason instanceof CommandError) throw sending.reason
  if (outcome.status === 'rejected')
    throw settings.signal?.aborted === true ? settings.signal.reason : outcome.reason
  return outcome.value
}
