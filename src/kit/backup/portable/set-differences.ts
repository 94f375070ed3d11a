/** Returns one line per element that only one of the two lists contains. */
export function setDifferences(what: string, expected: string[], actual: string[]): string[] {
  const [wanted, found] = [new Set(expected), new Set(actual)]
  return [
    ...expected.filter((each) => !found.has(each)).map((each) => `${what} ${each} is missing`),
    ...actual.filter((each) => !wanted.has(each)).map((each) => `${what} ${each} is not in the manifest`),
  ]
}
