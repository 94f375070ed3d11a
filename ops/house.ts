/**
 * Prints the figures of the code: sizes, imports, doors, and how many there are of what should exist once.
 *   npm run house
 *   npm run house -- --against=v1.2.0    # beside those of a commit
 *   npm run house -- --files             # with the files behind each figure
 */
import { parseArgs } from 'node:util'
import { measureHouse, type Figure } from './house/measure-house.ts'
import { sampleExpression } from './house/sample-words.ts'
import { readWorkingTree, withCommit } from './house/source-tree.ts'

const { values } = parseArgs({
  options: { against: { type: 'string' }, files: { type: 'boolean', default: false } },
})

const tree = await readWorkingTree('.')
const sample = sampleExpression(tree.texts)
const now = await measureHouse(tree, sample)
const columns = [
  ...(values.against === undefined
    ? []
    : [
        {
          title: values.against,
          figures: await withCommit('.', values.against, (before) => measureHouse(before, sample)),
        },
      ]),
  { title: 'now', figures: now },
]

process.stdout.write(
  `| figure | ${columns.map(({ title }) => title).join(' | ')} |\n|---|${'---|'.repeat(columns.length)}\n`,
)
for (const { name } of now)
  process.stdout.write(`| ${name} | ${columns.map(({ figures }) => valueOf(figures, name)).join(' | ')} |\n`)
if (values.files)
  for (const { name, found = [] } of now) for (const line of found) process.stdout.write(`${name}: ${line}\n`)

function valueOf(figures: Figure[], name: string): string {
  return figures.find((figure) => figure.name === name)?.value.toLocaleString('en') ?? ''
}
