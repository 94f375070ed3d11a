// Not a convenience barrel: drizzle() and drizzle-kit each take the whole schema as one object.
export * from './auth-tables.ts'
export * from './auth-relations.ts'
export * from './idempotency-keys.ts'
