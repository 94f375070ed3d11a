import type { Sql } from 'postgres'

/** Roles that log in, created by ops/postgres/roles.sql. */
export const loginRoles = ['migrator', 'app', 'backup', 'monitor'] as const

export type LoginRole = (typeof loginRoles)[number]

export type RolePasswords = Record<LoginRole, string>

/** PostgreSQL takes no parameters in ALTER ROLE, so the literal is quoted by the rules of standard_conforming_strings. */
function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** Runs the text of ops/postgres/roles.sql as superuser in the database of `sql`, then sets the passwords. */
export async function provisionRoles(sql: Sql, rolesSql: string, passwords: RolePasswords): Promise<void> {
  await sql.begin(async (tx) => {
    await tx.unsafe(rolesSql)
    for (const role of loginRoles) {
      await tx.unsafe(`ALTER ROLE ${role} PASSWORD ${literal(passwords[role])}`)
    }
  })
}
