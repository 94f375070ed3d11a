import { randomBytes } from 'node:crypto'
import type { Auth } from './create-auth.ts'

interface WantedUser {
  email: string
  name: string
  /** Becomes the password of an existing user too. */
  password?: string | undefined
}

interface EnsuredUser {
  id: string
  /** Undefined for a user who was there before and keeps a password that nobody here knows. */
  password: string | undefined
}

/** A user who can sign in: found, or signed up with a random password unless one is given. */
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
