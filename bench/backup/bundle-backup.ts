import { join } from 'node:path'
import { build } from 'esbuild'

/** As in the image, so that the time of a start is that of the image. */
export const bundleBackup = async (home: string): Promise<string> => {
  const outfile = join(home, 'backup.mjs')
  await build({
    entryPoints: ['src/bin/backup.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  })
  return outfile
}
