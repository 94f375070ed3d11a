import type { LoginRole, RolePasswords } from '../../../src/kit/postgres/provision-roles.ts'
import type { ApplicationName } from './applications.ts'

/** How a test reaches the PostgreSQL of this run. */
export interface PostgresFacts {
  kind: 'container' | 'embedded'
  host: string
  port: number
  superuserPassword: string
  rolePasswords: RolePasswords
  /** Migrated databases, which CREATE DATABASE copies. */
  templates: Record<ApplicationName, string>
}

declare module 'vitest' {
  interface ProvidedContext {
    postgres: PostgresFacts
  }
}

export type AnyRole = LoginRole | 'postgres'

export function urlOf(facts: PostgresFacts, role: AnyRole, database: string): string {
  const password = role === 'postgres' ? facts.superuserPassword : facts.rolePasswords[role]
  return `postgres://${role}:${encodeURIComponent(password)}@${facts.host}:${facts.port}/${database}`
}
