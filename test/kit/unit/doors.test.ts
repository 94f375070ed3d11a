import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

function read(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
}

const { imports } = JSON.parse(read('package.json')) as { imports: Record<string, string> }
const doors = Object.entries(imports).filter(([name]) => name.startsWith('#kit/'))

/** Lines of docs/reference/doors.md: a door, and the exports that it names. */
const listed = [...read('docs/reference/doors.md').matchAll(/^\| `(#kit\/[^`]+)` *\|([^|]*)\|/gm)].map(
  ([, door = '', names = '']) => ({
    door,
    names: [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  }),
)

describe('the list of doors', () => {
  it('names each door of package.json once, and no other', () => {
    expect(listed.map(({ door }) => door).toSorted()).toEqual(doors.map(([name]) => name).toSorted())
  })

  it.each(listed)('$door › exports what the list says', ({ door, names }) => {
    const source = read(imports[door] ?? '')
    const exported = [
      ...source.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm),
    ].map(([, name]) => name)

    expect(names.length).toBeGreaterThan(0)
    expect(exported).toEqual(expect.arrayContaining(names))
  })
})
