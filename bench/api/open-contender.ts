import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { applicationOfProcess, migrationsOf, nodeOptionsOf } from '../../test/kit/support/applications.ts'
import { checkout } from '../../test/kit/support/spawn-process.ts'
import { until } from '../../test/kit/support/until.ts'

export interface Contender {
  name: string
  pid: number
  port: number
  /** The log of a long run would fill the disk. */
  emptyLog: () => void
  close: () => Promise<void>
}

export interface ContenderSettings {
  name: string
  /** The entry point, below the checkout. */
  entry: string
  /** Options of Node. */
  options?: string[]
  env: Record<string, string>
  /** Where its log goes. */
  folder: string
  /** In front of the command, to pin it. */
  prefix: string[]
}

function portIn(log: string): number | undefined {
  const line = /^.*"msg":"listening".*$/m.exec(log)?.[0]
  return line === undefined ? undefined : (JSON.parse(line) as { http_port: number }).http_port
}

/** A server in a process of its own, with its log in a file: a pipe would make the load generator read it. */
export async function openContender(settings: ContenderSettings): Promise<Contender> {
  const { name, entry, options, env, prefix } = settings
  const logPath = join(settings.folder, `${name.replaceAll(' ', '-')}.log`)
  const log = openSync(logPath, 'a')
  const application = applicationOfProcess()
  const [command, ...rest] = [
    ...prefix,
    process.execPath,
    ...nodeOptionsOf[application],
    ...(options ?? []),
    resolve(checkout, entry),
  ]
  const child = spawn(command, rest, {
    // It reads `migrations` there.
    cwd: dirname(migrationsOf[application]),
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const exited = once(child, 'exit')
  const logText = (): string => readFileSync(logPath, 'utf8')
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  const close = async (): Promise<void> => {
    if (isOver()) return
    child.kill('SIGTERM')
    const hard = setTimeout(kill, 5_000)
    await exited
    clearTimeout(hard)
    process.off('exit', kill)
  }
  try {
    const port = await until(
      `${name} listening`,
      () => {
        if (isOver()) throw new Error(`${name} ended at start:\n${logText()}`)
        return portIn(logText())
      },
      { deadlineMs: 30_000, explain: logText },
    )
    return { name, pid: child.pid ?? 0, port, emptyLog: () => truncateSync(logPath), close }
  } catch (err) {
    await close()
    throw err
  }
}
