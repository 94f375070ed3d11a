import type { getSession as realGetSession, SignedIn } from '../../src/kit/auth/get-session.ts'

const begin = new Date('2026-01-01T00:00:00.000Z')

const signedIn: SignedIn = {
  user: {
    id: process.env['BENCH_USER_ID'] ?? '',
    name: 'Bench',
    email: 'bench@example.com',
    emailVerified: true,
    image: null,
    createdAt: begin,
    updatedAt: begin,
  },
  session: { id: 'fixed', expiresAt: new Date('9999-01-01T00:00:00.000Z') },
  cookies: [],
}

/** Everybody is one user: no cookie is read, no signature checked, no query sent. */
export const getSession: typeof realGetSession = () => Promise.resolve(signedIn)
