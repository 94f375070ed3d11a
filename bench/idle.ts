/**
 * Processor time of the running stack without requests: that of its containers (by their control groups) and of the
 * engine's own processes, over some time, as a share of one core. Other containers of the same engine count in its part.
 *   npm run bench:idle -- [--seconds=90]
 */
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { reportFailure } from '../src/kit/bin/process/report-failure.ts'
import { judgeIdle } from './idle/judge-idle.ts'
import { readContainers, readUsage } from './idle/processor-time-of-stack.ts'

async function run(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '90' } } })
  const containers = readContainers()
  const [before, startedAt] = [readUsage(containers), performance.now()]
  await wait(Number(values.seconds) * 1_000)
  const after = readUsage(containers)
  const { isWithin, lines } = judgeIdle(before, after, (performance.now() - startedAt) / 1_000)
  process.stdout.write(`${lines.join('\n')}\n`)
  if (!isWithin) process.exitCode = 1
}

try {
  await run()
} catch (err) {
  process.exit(reportFailure(err))
}
