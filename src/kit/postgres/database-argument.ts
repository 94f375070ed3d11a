/** For --dbname of libpq's programs: a connection string, since a bare name that holds '=' would be taken for one. */
export function databaseArgument(database: string): string {
  return `--dbname=dbname='${database.replace(/[\\']/g, '\\$&')}'`
}
