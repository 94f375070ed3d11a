export interface BenchUser {
  id: string
  cookie: string
}

/** A user with a session of the real kind. */
export async function signUp(port: number, publicUrl: string): Promise<BenchUser> {
  const response = await fetch(`http://127.0.0.1:${port}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: publicUrl },
    body: JSON.stringify({ name: 'Bench', email: 'bench@example.com', password: 'correct horse battery' }),
  })
  if (!response.ok) throw new Error(`sign-up answered ${response.status}: ${await response.text()}`)
  const { user } = (await response.json()) as { user: { id: string } }
  const cookie = response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
  return { id: user.id, cookie }
}
