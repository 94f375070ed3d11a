/**
 * Settings that the kit's statements and parsers rely on. Each connection sets them at start-up, because the
 * database, the role or postgresql.conf may have other defaults. `lc_messages` is not among them, since only a
 * superuser may set it: server errors are identified by SQLSTATE. `default_transaction_read_only` is left alone: an
 * operator sets it to stop writes.
 */
export const sessionDefaults: Readonly<Record<string, string>> = {
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  standard_conforming_strings: 'on',
  extra_float_digits: '1',
  bytea_output: 'hex',
  // Override it in the URL: ?search_path=public,extensions
  search_path: 'public',
  backslash_quote: 'safe_encoding',
  transform_null_equals: 'off',
  array_nulls: 'on',
  quote_all_identifiers: 'off',
  row_security: 'on',
  check_function_bodies: 'on',
  client_min_messages: 'notice',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  idle_session_timeout: '0',
}

/** The value of PGOPTIONS for the programs that use libpq. The driver's connections have time-outs of their own. */
export function libpqOptions(): string {
  return Object.entries({ ...sessionDefaults, statement_timeout: '0', lock_timeout: '0' })
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`)
    .join(' ')
}
