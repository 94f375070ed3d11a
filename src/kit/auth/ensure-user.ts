import { randomBytes } from 'node:crypto'
import type { Auth } from './create-auth.ts'

interface WantedUser {
  email: string
  name: string
  /** Also replaces the password of an existing user. */
  password?: string | undefined
}

interface EnsuredUser {
  id: string
  /** Undefined for an existing user whose password was not replaced. */
  password: string | undefined
}

/**
 * Finds the user with this address, or signs one up with `password` or a random one. Returns the id and, when known,
 * the password.
 */
export async function ensureUser(auth: Auth, { email, name, password }: WantedUser): Promise<EnsuredUser> {
  const { internalAdapter, password: passwords } = await auth.$context
  const known = await internalAdapter.findUserByEmail(email)
  if (known === null) {
    const chosen = password ?? randomBytes(12).toString('base64url')
    const { user } = await auth.api.signUpEmail({ body: { email, name, password: chosen } })
    return { id: user.id, password: chosen }
  }
  if (password !== undefined) {
    await internalAdapter.updatePassword(known.user.id, await passwords.hash(password))
  }
  return { id: known.user.id, password }
}
