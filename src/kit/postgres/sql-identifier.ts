/** For statements that take no parameters, such as CREATE DATABASE. */
export function sqlIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Quotes a string literal for statements that take no parameters. */
export function sqlLiteral(value: string): string {
  return `${value.includes('\\') ? 'E' : ''}'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
