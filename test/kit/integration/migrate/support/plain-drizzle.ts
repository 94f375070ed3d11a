import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const kit = fileURLToPath(new URL('./bin.cjs', import.meta.resolve('drizzle-kit')))

/** Runs `drizzle-kit migrate` as a team without this kit would; resolves to its exit code and output. */
export async function drizzleKitMigrate(
  url: string,
  folder: string,
): Promise<{ code: number; output: string }> {
  const scratch = mkdtempSync(join(tmpdir(), 'slipway-kit-'))
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }))
  const config = join(scratch, 'config.json')
  // drizzle-kit puts ./ before the path.
  const out = relative('.', folder)
  writeFileSync(config, JSON.stringify({ dialect: 'postgresql', out, dbCredentials: { url } }))
  const child = spawn(process.execPath, [kit, 'migrate', `--config=${config}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const [code] = (await once(child, 'close')) as [number]
  return { code, output }
}
