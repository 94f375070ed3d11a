/** SQLSTATE of the server, or the code of the driver or socket; the one part of an error that is safe to print. */
export function errorCode(err: unknown): string {
  const code = (err as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'unknown'
}
