import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { keys } from '../../../../src/kit/config/keys.ts'
import type { KeyRow } from '../../../../src/kit/config/key-row.ts'

const files = ['Dockerfile', 'compose.prod.yaml', 'compose.yaml']

/** Each default of an image that a file names, as `KEY=image`: of ARG lines and of Compose's ${KEY:-image}. */
function pinsIn(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [/^ARG ([A-Z_]+_IMAGE)=(\S+)$/gm, /\$\{([A-Z_]+_IMAGE):-([^}]+)\}/g].flatMap((form) =>
    [...text.matchAll(form)].map(([, key, image]) => `${key ?? ''}=${image ?? ''}`),
  )
}

const inTable = Object.entries<KeyRow>(keys)
  .filter(([name]) => name.endsWith('_IMAGE'))
  .map(([name, row]) => `${name}=${String(row.default)}`)

it.each(files)('%s names the images of the table of settings', (file) => {
  const pins = pinsIn(file)

  expect(pins.length).toBeGreaterThan(0)
  expect(inTable).toEqual(expect.arrayContaining(pins))
})

it('every image has a version to the last number', () => {
  expect(inTable).toHaveLength(7)
  for (const pin of inTable) expect(pin).toMatch(/:v?\d+\.\d+(\.\d+)?(-bookworm(-slim)?)?$/)
})

it('Node in the image is the Node of the package that tests run on', () => {
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    devDependencies: Record<string, string>
  }

  expect(inTable).toContain(`NODE_IMAGE=node:${devDependencies['node'] ?? ''}-bookworm-slim`)
})

it('the major of PostgreSQL is that of POSTGRES_VERSION', () => {
  const postgres = inTable.find((pin) => pin.startsWith('POSTGRES_IMAGE='))

  expect(postgres).toMatch(new RegExp(`:${keys.POSTGRES_VERSION.default}\\.`))
})
