/** For --dbname of libpq's programs: a connection string, since a bare name that holds '=' would be taken for one. */
export const databaseArgument = (database: string): string =>
  `--dbname=dbname='${database.replace(/[\\']/g, '\\$&')}'`
