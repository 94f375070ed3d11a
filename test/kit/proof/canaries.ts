/** Secrets by their names. Each value is so odd that it is nowhere by chance, and of letters that nothing escapes. */
export type Canaries = Record<string, string>

/** The names of those that occur in a text. */
export function canariesIn(text: string, canaries: Canaries): string[] {
  return Object.entries(canaries).flatMap(([name, value]) => (text.includes(value) ? [name] : []))
}

/** A session cookie as it is sent and as it reads; the half behind the dot signs the half before it. */
export function sessionCanaries(cookie: string): Canaries {
  const sent = cookie.slice(cookie.indexOf('=') + 1)
  const [token = '', signature = ''] = decodeURIComponent(sent).split('.')
  return {
    session_token: token,
    session_signature: signature,
    session_signature_encoded: encodeURIComponent(signature),
  }
}
