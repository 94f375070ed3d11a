/** The least that a process with this driver can do. */
import postgres from 'postgres'

const sql = postgres(process.env['DATABASE_URL'] ?? '', { max: 1 })
await sql`select 1`
await sql.end()
