import { defineConfig } from 'drizzle-kit'

// No DATABASE_URL falls through as an empty string: `generate` and `check` need none, and the commands that do say so.
const url = process.env['DATABASE_URL'] ?? ''

export default defineConfig({
  dialect: 'postgresql',
  schema: ['./src/kit/db/schema/index.ts', './src/app/schema.ts'],
  out: './migrations',
  migrations: { schema: 'drizzle', table: '__drizzle_migrations' },
  strict: true,
  verbose: true,
  ...(url === '' ? {} : { dbCredentials: { url } }),
})
