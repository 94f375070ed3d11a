import { basename } from 'node:path'

/** Where the sample may be named: its own folders, its migrations, the docs, and files that others wrote. */
const placesOfTheSample =
  /^(src\/app|test\/app|migrations|docs|patches)\/|\.md$|^(package-lock\.json|LICENSE)$/

/** Tables of the sample that are also words of plain English; they count only where they name the table or the route. */
const ordinaryWord = /^(event|message|note|preference|task)s?$/

/**
 * Builds the expression that finds the sample: its folder of src/app, its tables, its routes and its verbs, read from the
 * sample's files. Undefined where there is no src/app.
 */
export function sampleExpression(texts: Map<string, string>): RegExp | undefined {
  const files = [...texts].filter(([path]) => path.startsWith('src/app/'))
  if (files.length === 0) return undefined
  const slices = files.flatMap(([path]) => /^src\/app\/([^/]+)\/.*[^/]$/.exec(path)?.[1] ?? [])
  const tables = files.flatMap(([, text]) =>
    [...text.matchAll(/pgTable\(\s*'(\w+)'/g)].map(([, name = '']) => name),
  )
  const nouns = tables.flatMap((name) => [name, singular(name)])
  const verbs = files.map(([path]) => camelCase(path)).filter((verb) => isVerbOf(verb, nouns))
  const parts = [
    ...slices.filter((name) => name !== 'web').map(folderName),
    ...nouns.filter((word) => !ordinaryWord.test(word)).map(inAnyCase),
    ...tables.filter((word) => ordinaryWord.test(word)).flatMap(namesOf),
    ...verbs.map((verb) => `\\b${verb}\\b`),
  ]
  return new RegExp([...new Set(parts)].join('|'))
}

/** The files that mention the sample and do not belong to it, sorted, each as `path: the words that name it`. */
export function mentionsOfSample(texts: Map<string, string>, expression: RegExp): string[] {
  return [...texts]
    .filter(([path]) => !placesOfTheSample.test(path))
    .flatMap(([path, text]) => {
      const [words] = expression.exec(path) ?? expression.exec(text) ?? []
      return words === undefined ? [] : [`${path}: ${words}`]
    })
    .toSorted()
}

function singular(table: string): string {
  return table.endsWith('ies') ? `${table.slice(0, -3)}y` : table.replace(/s$/, '')
}

const statements = ['insert into', 'update', 'delete from', 'table', 'truncate', 'references']

function inAnyCase(word: string): string {
  return `[${word.charAt(0).toUpperCase()}${word.charAt(0)}]${word.slice(1)}`
}

/** The name of a slice may be a verb in a comment: it counts in paths, in quotes and as part of a longer name. */
function folderName(name: string): string {
  const capitalized = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  return `[/_'"-]${name}\\b|\\b${name}[/_'"-]|\\b${capitalized}[A-Z]|[a-z]${capitalized}\\b`
}

/** The forms in which a word names a table or a route: in quotes, as a part of a path, after SQL, as a member of the API. */
function namesOf(word: string): string[] {
  return [
    `['"\`]${word}['"\`]`,
    `/${word}\\b(?!\\.ts)`,
    `\\b(?:${statements.join('|')}|${statements.join('|').toUpperCase()})\\s+(?:public\\.)?"?${word}\\b`,
    `\\b(?:api|schema|public)\\.${word}\\b`,
  ]
}

function camelCase(path: string): string {
  return basename(path, '.ts').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** A file such as append-message.ts, of which the noun alone would be plain English. */
function isVerbOf(name: string, nouns: string[]): boolean {
  return nouns.some(
    (noun) => ordinaryWord.test(noun) && name.length > noun.length && name.toLowerCase().endsWith(noun),
  )
}
