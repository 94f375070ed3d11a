import { chmod, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

interface Scripts {
  pg_dump?: string
  pg_restore?: string
}

/** A folder of programs in which some are shell scripts; `$real` in a script is the folder of the true ones. */
export async function makeFakeTools(tools: string, scripts: Scripts): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-fake-tools-'))
  // A server runs as somebody else.
  await chmod(folder, 0o755)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const name of await readdir(tools)) {
    const script = name === 'pg_dump' || name === 'pg_restore' ? scripts[name] : undefined
    if (script === undefined) await symlink(join(tools, name), join(folder, name))
    else {
      await writeFile(join(folder, name), `#!/bin/sh\nreal='${tools}'\n${script}\n`)
      await chmod(join(folder, name), 0o755)
    }
  }
  return folder
}

/** Answers the question for its version truly and does `rest` for everything else. */
export function exceptVersion(name: keyof Scripts, rest: string): string {
  return `case "$*" in *--version*) exec "$real/${name}" --version ;; esac\n${rest}`
}
