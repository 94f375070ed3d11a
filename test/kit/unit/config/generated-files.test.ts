import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { composeKeys } from '../../../../src/kit/config/compose-keys.ts'
import type { KeyRow } from '../../../../src/kit/config/key-row.ts'
import { keys } from '../../../../src/kit/config/keys.ts'
import { parsers } from '../../../../src/kit/config/parsers.ts'
import { renderEnvExample, renderReference } from '../../../../src/kit/config/render.ts'

function read(path: string): string {
  return readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
}

/** Defaults as the Compose files and the Dockerfile spell them. */
function spelledDefaults(): Map<string, Set<string>> {
  const text = read('compose.prod.yaml') + read('compose.yaml') + read('Dockerfile')
  const found = [...text.matchAll(/\$\{([A-Z_]+):-([^}]*)\}/g), ...text.matchAll(/^ARG ([A-Z_]+)=(.*)$/gm)]
  const defaults = new Map<string, Set<string>>()
  for (const [, key = '', value = ''] of found) {
    defaults.set(key, (defaults.get(key) ?? new Set()).add(value))
  }
  return defaults
}

describe('generated files', () => {
  it('name every key of the table, and each setting of the application', () => {
    const settings = { APP_GREETING: { type: 'text', help: 'Said first.', default: 'hi' } } as const
    const pages = [renderEnvExample(settings), renderReference(settings)]

    for (const key of Object.keys(keys)) for (const page of pages) expect(page).toContain(key)
    expect(pages[0]).toContain('# --- Application ---\n# Said first.\n#APP_GREETING=hi\n')
    expect(pages[1]).toContain('| `APP_GREETING` | text | `hi` | server, embedded, seed | Said first. |')
  })
})

describe('the table of settings', () => {
  it.each(Object.entries<KeyRow>(keys).filter(([, row]) => row.default !== undefined))(
    'has a default for %s that its own parser takes',
    (_key, row) => {
      expect(parsers[row.type](row.default ?? '', row)).toHaveProperty('value')
    },
  )

  it('says for Compose what the Compose files and the Dockerfile say', () => {
    const spelled = spelledDefaults()

    for (const [key, row] of Object.entries<KeyRow>(composeKeys)) {
      // A default made from another key cannot stand in the table.
      const values = [...(spelled.get(key) ?? [])].filter((text) => !text.startsWith('${'))
      if (values.length > 0 && row.optional !== true) expect([key, values]).toEqual([key, [row.default]])
    }
    expect(spelled.size).toBeGreaterThan(10)
  })
})
