import { stripVTControlCharacters } from 'node:util'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

type Errors = readonly { message: string }[]

/** Prints each failed test with the first line of its error, last of all reporters: a log that is cut off at its top still names them. */
export default class FailedTests implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const lines = [
      ...modules.flatMap(failuresOf),
      ...unhandled.map((error) => line('outside of a test', [error])),
    ]
    if (lines.length > 0) process.stderr.write(`\nfailed (${lines.length})\n${lines.join('\n')}\n`)
  }
}

/** Tests, and files or groups whose import or hook failed: their tests did not run. */
function failuresOf(module: TestModule): string[] {
  const file = module.relativeModuleId
  const broken = [module, ...module.children.allSuites()].filter((each) => each.errors().length > 0)
  return [
    ...broken.map((each) => line('fullName' in each ? `${file} › ${each.fullName}` : file, each.errors())),
    ...[...module.children.allTests('failed')].map((test) =>
      line(`${file} › ${test.fullName}`, test.result().errors ?? []),
    ),
  ]
}

function line(name: string, errors: Errors): string {
  const [first = ''] = stripVTControlCharacters(errors[0]?.message ?? '').split('\n')
  return `  ${name}\n    ${first.slice(0, 300)}`
}
