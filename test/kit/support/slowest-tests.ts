import type { Reporter, TestModule } from 'vitest/node'

const shown = 10

/** Prints the slowest tests and files at the end of a run: where a suite that takes too long has its time. */
export default class SlowestTests implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => ({
        name: `${module.relativeModuleId} › ${test.fullName}`,
        ms: test.diagnostic()?.duration ?? 0,
      })),
    )
    if (tests.length <= shown) return
    const files = modules.map((module) => ({
      name: module.relativeModuleId,
      ms: module.diagnostic().duration,
    }))
    print('slowest tests', tests)
    print('slowest files', files)
  }
}

function print(title: string, timed: { name: string; ms: number }[]): void {
  const lines = timed
    .toSorted((one, other) => other.ms - one.ms)
    .slice(0, shown)
    .map(({ name, ms }) => `${(ms / 1000).toFixed(1).padStart(8)} s  ${name}`)
  process.stdout.write(`\n${title}\n${lines.join('\n')}\n`)
}
