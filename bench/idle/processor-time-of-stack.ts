import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { AppError } from '../../src/kit/errors.ts'

export interface StackContainer {
  service: string
  id: string
  pid: number
}

/** Seconds of processor time so far, by name of what used it. */
export type Usage = Map<string, number>

/** USER_HZ, the unit of /proc/<pid>/stat, is 100 on every Linux that Docker runs on. */
const ticksPerSecond = 100

function docker(args: string[]): string[] {
  return execFileSync('docker', args, { encoding: 'utf8' }).split('\n').filter(Boolean)
}

/** The running containers of the project that `.env` (or ENV_FILE) names. */
export function readContainers(): StackContainer[] {
  const { ENV_FILE } = process.env
  const project = ['compose', '--file', 'compose.prod.yaml', ...(ENV_FILE ? ['--env-file', ENV_FILE] : [])]
  const ids = docker([...project, 'ps', '--quiet'])
  if (ids.length === 0) throw new AppError('unavailable', 'no stack runs', { hint: 'make up' })
  const format = '{{index .Config.Labels "com.docker.compose.service"}} {{.Id}} {{.State.Pid}}'
  return docker(['inspect', '--format', format, ...ids]).map((line) => {
    const [service = '', id = '', pid = ''] = line.split(' ')
    return { service, id, pid: Number(pid) }
  })
}

/** Of a container's control group, version 1 or 2: what its processes used, those that have ended included. */
function ofContainer({ pid }: StackContainer): number {
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const first = groups.find(([, controllers]) => controllers?.split(',').includes('cpuacct'))
  if (first !== undefined) {
    return Number(readFileSync(`/sys/fs/cgroup/${first[1]}${first[2]}/cpuacct.usage`, 'utf8')) / 1e9
  }
  const path = groups.find(([number]) => number === '0')?.[2] ?? '/'
  const stat = readFileSync(`/sys/fs/cgroup${path}/cpu.stat`, 'utf8')
  return Number(/^usage_usec (\d+)$/m.exec(stat)?.[1]) / 1e6
}

interface Process {
  name: string
  command: string
  seconds: number
}

/** A process with its ended children: the runc that starts each health check is a child of a shim. */
function readProcess(pid: string): Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // utime, stime, cutime and cstime: proc(5) counts them from 14, and what stands after the name begins with 3.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return [
      {
        name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
        command,
        seconds: ticks / ticksPerSecond,
      },
    ]
  } catch {
    // It ended after the folder was read.
    return []
  }
}

function sum(processes: Process[]): number {
  return processes.reduce((total, { seconds }) => total + seconds, 0)
}

function ofEngine(containers: StackContainer[]): [string, number][] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readProcess)
  const daemons = processes.filter(({ name }) => ['dockerd', 'containerd', 'docker-proxy'].includes(name))
  if (!daemons.some(({ name }) => name === 'dockerd')) {
    throw new AppError('unavailable', 'the processes of the engine are not to be seen on this machine', {
      hint: 'run this on the Linux machine of the engine itself',
    })
  }
  const shims = processes.filter(({ command }) => containers.some(({ id }) => command.includes(`\0${id}\0`)))
  return [
    ['engine', sum(daemons)],
    ['shims and the starts of probes', sum(shims)],
  ]
}

/** Processor time of the whole machine, of every process; printed for comparison. */
function ofMachine(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  )
    .split(/\s+/)
    .map(Number)
  return (user + nice + system + irq + softirq) / ticksPerSecond
}

export const machine = 'the whole machine'

export function readUsage(containers: StackContainer[]): Usage {
  return new Map([
    ...containers.map((each): [string, number] => [each.service, ofContainer(each)]),
    ...ofEngine(containers),
    [machine, ofMachine()],
  ])
}
