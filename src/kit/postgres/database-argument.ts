/**
 * Returns the value of --dbname for libpq's programs: a connection string, since a bare name with '=' would be parsed
 * as one.
 */
export function databaseArgument(database: string): string {
  return `--dbname=dbname='${database.replace(/[\\']/g, '\\$&')}'`
}
