import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cyclesIn, mutualPairs, noCycle, readModuleGraph } from './module-graph.ts'
import { mentionsOfSample } from './sample-words.ts'
import type { SourceTree } from './source-tree.ts'
import { readSyntax, type SyntaxFacts } from './syntax-facts.ts'

export interface Figure {
  name: string
  value: number
  /** What was counted, one line each, where a person may want to look at it. */
  found?: string[]
}

/** Measures one tree; the sample's mentions are left out where `sample` is undefined. */
export async function measureHouse(tree: SourceTree, sample: RegExp | undefined): Promise<Figure[]> {
  return [
    ...sizes(tree),
    ...(await imports(tree)),
    { name: 'doors of the kit', ...counted(doors(tree)) },
    ...mechanisms(tree),
    ...bash(tree),
    ...(sample === undefined
      ? []
      : [
          {
            name: 'files that mention the sample outside it',
            ...counted(mentionsOfSample(tree.texts, sample)),
          },
        ]),
  ]
}

function counted(found: string[]) {
  return { value: found.length, found }
}

function sizes(tree: SourceTree): Figure[] {
  const lines = textsBelow(tree, /^src\/.*\.ts$/).map(([, text]) => lineCount(text))
  const functions = syntaxBelow(tree, /^src\/.*\.ts$/).flatMap(([, { functionLines }]) => functionLines)
  return [
    { name: 'files in src', value: lines.length },
    { name: 'lines in src', value: sum(lines) },
    { name: 'lines of a file, mean', value: Math.round(sum(lines) / Math.max(lines.length, 1)) },
    { name: 'lines of a file, median', value: quantile(lines, 0.5) },
    { name: 'lines of a function, median', value: quantile(functions, 0.5) },
    { name: 'lines of a function, 90 of 100 have at most', value: quantile(functions, 0.9) },
  ]
}

async function imports({ root }: SourceTree): Promise<Figure[]> {
  const { modules, violations } = existsSync(join(root, 'src'))
    ? await readModuleGraph(root, ['src'], [noCycle])
    : { modules: [], violations: [] }
  const pairs = mutualPairs(modules).map(
    ([one, back]) => `${one.from} -> ${one.to}, ${back.from} -> ${back.to}`,
  )
  const cycles = cyclesIn(violations).map((paths) => paths.join(' -> '))
  return [
    { name: 'pairs of folders that import each other', ...counted(pairs) },
    { name: 'cycles of modules, type imports included', ...counted(cycles) },
  ]
}

function doors({ texts }: SourceTree): string[] {
  const { imports = {} } = JSON.parse(texts.get('package.json') ?? '{}') as {
    imports?: Record<string, unknown>
  }
  return Object.keys(imports).filter((name) => name.startsWith('#kit/'))
}

function mechanisms(tree: SourceTree): Figure[] {
  const inSource = syntaxBelow(tree, /^src\/.*\.ts$/)
  const inTests = syntaxBelow(tree, /^(test|bench)\/.*\.ts$/)
  const having = (facts: [string, SyntaxFacts][], fact: keyof SyntaxFacts): string[] =>
    facts.filter(([, each]) => each[fact] === true).map(([path]) => path)
  return [
    { name: 'files that start a PostgreSQL server, src', ...counted(having(inSource, 'isLauncher')) },
    { name: 'files that start a PostgreSQL server, tests', ...counted(having(inTests, 'isLauncher')) },
    { name: 'files that call initdb, src', ...counted(having(inSource, 'isClusterMaker')) },
    { name: 'files that call initdb, tests', ...counted(having(inTests, 'isClusterMaker')) },
    { name: 'files that parse arguments, src', ...counted(having(inSource, 'isArgumentParser')) },
    { name: 'files that handle signals, src', ...counted(having(inSource, 'isSignalHandler')) },
  ]
}

function bash(tree: SourceTree): Figure[] {
  const linesOf = (paths: RegExp): number => sum(textsBelow(tree, paths).map(([, text]) => lineCount(text)))
  return [
    { name: 'lines of bash in ops', value: linesOf(/^ops\/.*\.sh$/) },
    {
      name: 'lines of bash for switch, restore and upgrade',
      value: linesOf(/^ops\/(.*\/)?[^/]*(switch|swap|live|restore|undo)[^/]*\.sh$|^ops\/.*upgrade.*\.sh$/),
    },
  ]
}

const parsed = new WeakMap<SourceTree, Map<string, SyntaxFacts>>()

function syntaxBelow(tree: SourceTree, paths: RegExp): [string, SyntaxFacts][] {
  const known = parsed.get(tree) ?? new Map<string, SyntaxFacts>()
  parsed.set(tree, known)
  return textsBelow(tree, paths).map(([path, text]) => {
    const facts = known.get(path) ?? readSyntax(path, text)
    known.set(path, facts)
    return [path, facts]
  })
}

function textsBelow({ texts }: SourceTree, paths: RegExp): [string, string][] {
  return [...texts].filter(([path]) => paths.test(path))
}

function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

/** Of no number it is 0. */
function quantile(numbers: number[], share: number): number {
  return numbers.toSorted((one, other) => one - other)[Math.ceil(numbers.length * share) - 1] ?? 0
}
