/**
 * Bundles each process of the images into one file: no node_modules in the images.
 *   node ops/build.ts [folder] [condition of the imports in package.json]
 */
import { copyFile } from 'node:fs/promises'

import { build } from 'esbuild'

const [, , outdir = 'dist', condition] = process.argv
const bundled = ['server', 'migrate', 'backfill', 'backup', 'drill', 'healthcheck', 'ask-front-door']

await build({
  entryPoints: bundled.map((process) => `src/kit/bin/${process}.ts`),
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Conditions of one's own replace esbuild's default `module`.
  ...(condition !== undefined && { conditions: [condition, 'module'] }),
  // Stack traces in the logs keep their names.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  // Some dependencies are CommonJS and call require().
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})

await copyFile('node_modules/redoc/bundles/redoc.standalone.js', `${outdir}/redoc.standalone.js`)
