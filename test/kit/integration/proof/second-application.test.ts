import { expect, it, onTestFinished, vi } from 'vitest'
import { proof } from '../../fixture/proof.ts'
import { nodeOptionsOf } from '../../support/applications.ts'
import { spawnProcess } from '../../support/spawn-process.ts'

const { table } = proof.row

// A server is made and seeded for each of them, and a busy machine takes several times as long.
vi.setConfig({ testTimeout: 300_000 })

/** Output of a proof that runs on the fixture, as any product that has written a proof.ts. */
async function runOnFixture(entry: string, args: string[]): Promise<string> {
  const proofProcess = spawnProcess(entry, {}, args, [], undefined, nodeOptionsOf.fixture)
  onTestFinished(proofProcess.close)
  await proofProcess.exited
  return proofProcess.stdout() + proofProcess.stderr()
}

function numberIn(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1])
}

it('drill › loses no row of another application', async () => {
  const output = await runOnFixture('test/kit/drill/drill.ts', ['--only=one backend terminated', '--seed=7'])

  const [acknowledged = 0, lost, leaked] =
    /\| one backend terminated .*/.exec(output)?.[0].split('|').slice(3, 6).map(Number) ?? []
  expect({ lost, leaked }, output).toEqual({ lost: 0, leaked: 0 })
  expect(acknowledged, output).toBeGreaterThan(0)
  expect(numberIn(output, new RegExp(`plain: (\\d+) rows of ${table}`)), output).toBeGreaterThan(0)
})

it('bench › compares another application with the same statements on bare node:http', async () => {
  const output = await runOnFixture('bench/api.ts', ['--rounds=1', '--seconds=0.2'])

  for (const name of ['point read', 'list', 'insert']) {
    expect(numberIn(output, new RegExp(`^${name} +whole API +([\\d.]+)`, 'm')), output).toBeGreaterThan(0)
  }
  // 51 users with 500 rows each, and what the inserts added.
  expect(numberIn(output, new RegExp(`(\\d+) rows of ${table}`)), output).toBeGreaterThan(25_500)
})

it('storm › loses no row of another application at ten times its peak', async () => {
  const output = await runOnFixture('test/kit/storm/storm.ts', ['--smoke', '--only=overload'])

  expect(numberIn(output, new RegExp(`rows of ${table} acknowledged +(\\d+)`)), output).toBeGreaterThan(0)
  expect(numberIn(output, /acknowledged and lost +(\d+)/), output).toBe(0)
})
