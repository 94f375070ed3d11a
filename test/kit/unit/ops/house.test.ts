import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { measureHouse } from '../../../../ops/house/measure-house.ts'
import { mentionsOfSample, sampleExpression } from '../../../../ops/house/sample-words.ts'
import { readSyntax } from '../../../../ops/house/syntax-facts.ts'

const root = mkdtempSync(join(tmpdir(), 'slipway-house-test-'))
afterAll(() => rmSync(root, { recursive: true }))

/** A slice "parcels" with one table whose name is plain English. */
const sliceFiles = {
  'src/app/parcels/schema.ts':
    "export const parcels = pgTable('parcels', {})\nexport const notes = pgTable('events', {})\n",
  'src/app/parcels/append-event.ts': 'export function appendEvent() {}\n',
}

function treeOf(files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return { root, texts: new Map(Object.entries(files)) }
}

describe('the figures of the house', () => {
  it('count files, lines, functions, mutual folders, cycles of types, doors and bash', async () => {
    const tree = treeOf({
      'package.json':
        '{ "type": "module", "imports": { "#kit/a": "./src/a/one.ts", "#app": "./src/b/two.ts" } }',
      'src/a/one.ts': "import { two } from '../b/two.ts'\nexport const one = () =>\n  two\n",
      'src/b/two.ts': 'export const two = 2\n',
      'src/b/three.ts':
        "import { one } from '../a/one.ts'\nimport type { Four } from './four.ts'\nexport function three(): Four {\n  return one()\n}\n",
      'src/b/four.ts':
        "import type { three } from './three.ts'\nexport type Four = ReturnType<typeof three>\n",
      'ops/restore.sh': 'true\ntrue\n',
      'ops/up.sh': 'true\n',
      'test/notes.txt': 'parcels',
    })

    const figures = await measureHouse(tree, /parcel/)

    expect(Object.fromEntries(figures.map(({ name, value }) => [name, value]))).toEqual({
      'files in src': 4,
      'lines in src': 11,
      'lines of a file, mean': 3,
      'lines of a file, median': 2,
      'lines of a function, median': 2,
      'lines of a function, 90 of 100 have at most': 3,
      'pairs of folders that import each other': 1,
      'cycles of modules, type imports included': 1,
      'doors of the kit': 1,
      'files that start a PostgreSQL server, src': 0,
      'files that start a PostgreSQL server, tests': 0,
      'files that call initdb, src': 0,
      'files that call initdb, tests': 0,
      'files that parse arguments, src': 0,
      'files that handle signals, src': 0,
      'lines of bash in ops': 3,
      'lines of bash for switch, restore and upgrade': 2,
      'files that mention the sample outside it': 1,
    })
  })
})

describe('what a file does', () => {
  const factsOf = (text: string) => readSyntax('x.ts', text)

  it.each([
    ['isLauncher', "spawn(program, ['-D', folder])"],
    ['isClusterMaker', "spawn(join(tools, 'initdb'), args)"],
    ['isClusterMaker', "runProgram({ name: 'initdb', args })"],
    ['isClusterMaker', 'spawn(binaries.initdb, args)'],
    ['isArgumentParser', 'parseArgs({ options })'],
    ['isSignalHandler', "process.once('SIGTERM', stop)"],
    ['isSignalHandler', 'for (const name of names) process.on(name, stop)'],
  ] as const)('%s: %s', (fact, text) => {
    expect(factsOf(text)[fact]).toBe(true)
  })

  it.each([
    ['isLauncher', "run('pg_controldata', ['-D', folder])"],
    ['isClusterMaker', "runProgram({ name: 'initdb', args: ['--sync-only'] })"],
    ['isClusterMaker', "const found = { initdb: join(folder, 'initdb') }"],
    ['isArgumentParser', 'type Values = ReturnType<typeof parseArgs>'],
    ['isSignalHandler', "process.on('uncaughtException', fail)"],
  ] as const)('not %s: %s', (fact, text) => {
    expect(factsOf(text)[fact]).toBe(false)
  })
})

describe('mentions of the sample', () => {
  const mentions = (text: string, path = 'src/kit/http/page.ts') => {
    const texts = new Map(Object.entries({ ...sliceFiles, [path]: text }))
    return mentionsOfSample(texts, sampleExpression(texts) ?? /never/)
  }

  it.each([
    '// the parcel of a customer',
    'createParcelOnce()',
    "fetch('/api/events')",
    'insert into events values (1)',
    'ALTER TABLE events ADD COLUMN a int',
    "lock('events')",
    "import '../../src/app/parcels/schema.ts'",
    'type ParcelsSettings = 1',
    'client.api.events.$get()',
    'await appendEvent(db)',
  ])('are found: %s', (text) => {
    expect(mentions(text)).toEqual([expect.stringMatching(/^src\/kit\/http\/page\.ts: ./)])
  })

  it.each([
    'tab.event',
    "worker.on('event', run)",
    'splits what comes into events',
    "import { event } from './events.ts'",
    'const events = []',
  ])('are not found in plain English: %s', (text) => {
    expect(mentions(text)).toEqual([])
  })

  it('are found in the name of a file, and are free in the sample, its tests, its migrations and the docs', () => {
    expect(mentions('', 'test/kit/parcels.test.ts')).toEqual([
      expect.stringMatching(/^test\/kit\/parcels\.test\.ts: .?parcels$/),
    ])
    for (const path of [
      'test/app/parcels.test.ts',
      'migrations/0000_parcels.sql',
      'docs/how-to/parcels.md',
      'README.md',
    ])
      expect(mentions('parcels', path)).toEqual([])
  })

  it('cannot be told without src/app', () => {
    expect(sampleExpression(new Map([['src/db/schema.ts', "pgTable('parcels')"]]))).toBeUndefined()
  })
})
