const pattern = /(?:--|\/\*).*?slipway\s*:\s*allow\s+out-of-order\s*:\s*(.*\p{L}.{8,})/iu

/**
 * Returns true when the file gives a reason to be applied after a later one: `-- slipway:allow out-of-order: touches
 * no table of 0007_add_masts`. One or two words are not a reason.
 */
export function acceptsOrder(sql: string): boolean {
  return sql.split('\n').some((line) => pattern.test(line))
}
