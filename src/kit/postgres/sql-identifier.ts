/** For statements that take no parameters, such as CREATE DATABASE. */
export function sqlIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function sqlLiteral(value: string): string {
  return `${value.includes('\\') ? 'E' : ''}'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
