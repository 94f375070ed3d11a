import { fileURLToPath } from 'node:url'

/** For the environment of a process that runs one of our entry points: Node compiles its sources once for all tests, not at each start. */
export const compileCache = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../../node_modules/.cache/slipway-tests', import.meta.url)),
}
