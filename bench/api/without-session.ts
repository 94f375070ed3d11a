/**
 * Loaded before src/kit/bin/server.ts with --import: puts fixed-session.ts in the place of src/kit/auth/get-session.ts. The
 * server is the real one but for this module, and production code needs no switch that lets strangers in.
 */
import { registerHooks } from 'node:module'

const original = new URL('../../src/kit/auth/get-session.ts', import.meta.url).href
const replacement = new URL('./fixed-session.ts', import.meta.url).href

registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const resolved = nextResolve(specifier, context)
    return resolved.url === original ? { ...resolved, url: replacement } : resolved
  },
})
