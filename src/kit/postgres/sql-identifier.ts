/** For statements that take no parameters, such as CREATE DATABASE. */
export const sqlIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const sqlLiteral = (value: string): string =>
  `${value.includes('\\') ? 'E' : ''}'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
