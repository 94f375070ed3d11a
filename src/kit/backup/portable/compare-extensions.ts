import { setDifferences } from './set-differences.ts'

export interface Extension {
  name: string
  version: string
}

export interface Accepted {
  differences: string[]
  /** Accepted differences between two majors, as sentences. */
  notes: string[]
}

function line({ name, version }: Extension): string {
  return `${name} ${version}`
}
function nameOf({ name }: Extension): string {
  return name
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0
}

/** A dump contains no extension versions: a later major installs its own, possibly newer, version. */
function acrossMajors(expected: Extension[], found: Extension[]): Accepted {
  const versions = new Map(expected.map(({ name, version }) => [name, version]))
  const others = found.flatMap(({ name, version }) => {
    const was = versions.get(name) ?? version
    return was === version ? [] : [{ name, version, was }]
  })
  return {
    differences: [
      ...setDifferences('extension', expected.map(nameOf), found.map(nameOf)),
      ...others
        .filter(({ version, was }) => isOlder(version, was))
        .map(({ name, version, was }) => `extension ${name} is of version ${version}, older than ${was}`),
    ],
    notes: others
      .filter(({ version, was }) => !isOlder(version, was))
      .map(({ name, version, was }) => `extension ${name} is of version ${version} now, and was of ${was}`),
  }
}

export function compareExtensions(
  expected: Extension[],
  found: Extension[],
  { isSameMajor }: { isSameMajor: boolean },
): Accepted {
  return isSameMajor
    ? { differences: setDifferences('extension', expected.map(line), found.map(line)), notes: [] }
    : acrossMajors(expected, found)
}
