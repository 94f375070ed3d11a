/**
 * Request headers for the OpenAPI document only. Declared as schemas, they would make every point read copy all its
 * headers into a plain object for validation, and every typed call pass a `header` argument.
 */
export const headerParameters = {
  ifMatch: parameter('If-Match', 'The ETag that you read'),
  ifNoneMatch: parameter('If-None-Match', 'The ETag that you have already'),
  idempotencyKey: parameter(
    'Idempotency-Key',
    '1 to 255 visible ASCII characters, new for every new request',
  ),
}

function parameter(name: string, description: string) {
  return { in: 'header' as const, name, description, schema: { type: 'string' as const } }
}
