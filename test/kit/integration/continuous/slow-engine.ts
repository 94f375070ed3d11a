import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { ArchivedServer } from './archived-server.ts'

/** It restores, and ends more than a second later. */
function script(realPath: string): string {
  return `#!/bin/sh
PATH=${realPath} pgbackrest "$@"
code=$?
case " $* " in *' restore '*) sleep 1.8 ;; esac
exit $code
`
}

/** A search path on which the engine takes its time, as with a large cluster: progress is shown after a second. */
export async function slowEnginePath({ home, searchPath }: ArchivedServer): Promise<string> {
  const folder = join(home, 'slow')
  await mkdir(folder)
  await writeFile(join(folder, 'pgbackrest'), script(searchPath))
  await chmod(folder, 0o755)
  await chmod(join(folder, 'pgbackrest'), 0o755)
  return [folder, searchPath].join(delimiter)
}
