const pattern = /(?:--|\/\*).*?slipway\s*:\s*allow\s+out-of-order\s*:\s*(.*\p{L}.{8,})/iu

/**
 * Whether the file itself says why it may be applied although a later one is there:
 * `-- slipway:allow out-of-order: touches no table of 0007_add_masts`. A word or two is no reason.
 */
export function acceptsOrder(sql: string): boolean {
  return sql.split('\n').some((line) => pattern.test(line))
}
