/**
 * Writes what is generated from the code; with --check it only compares, and exits 1 on a difference.
 *   node ops/generate.ts [--check]
 */
import { readFile, writeFile } from 'node:fs/promises'
import { application } from '#app'
import { renderEnvExample, renderReference } from '../src/kit/config/render.ts'
import { renderMetricsReference } from './metrics/render-metrics.ts'

// prom-client counts file descriptors and virtual memory on Linux alone.
const isWhole = process.platform === 'linux'

const { settings } = application

const outputs = [
  { path: '.env.example', text: renderEnvExample(settings) },
  { path: 'docs/reference/configuration.md', text: renderReference(settings) },
  ...(isWhole ? [{ path: 'docs/reference/metrics.md', text: await renderMetricsReference() }] : []),
]

for (const { path, text } of outputs) {
  const current = await readFile(path, 'utf8').catch(() => '')
  if (current === text) continue
  if (process.argv.includes('--check')) {
    process.stderr.write(`error: ${path} differs from the code\nhint: npm run generate\n`)
    process.exitCode = 1
  } else {
    await writeFile(path, text)
    process.stderr.write(`wrote ${path}\n`)
  }
}
