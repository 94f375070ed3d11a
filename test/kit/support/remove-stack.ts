import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

import type { StackFacts } from './stack.ts'

function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8' })
}

/** An engine that was killed brings its containers back, with their ports: an earlier run's are removed first. */
export function removeStack(facts: Pick<StackFacts, 'project' | 'folder'> & { root?: string }): void {
  const label = `label=com.docker.compose.project=${facts.project}`
  const listed = (...args: string[]) =>
    docker(...args, '--filter', label)
      .split('\n')
      .filter(Boolean)
  const containers = listed('ps', '--all', '--quiet')
  if (containers.length > 0) docker('rm', '--force', '--volumes', ...containers)
  const volumes = listed('volume', 'ls', '--quiet')
  if (volumes.length > 0) docker('volume', 'rm', '--force', ...volumes)
  const networks = listed('network', 'ls', '--quiet')
  if (networks.length > 0) docker('network', 'rm', ...networks)
  if (facts.root !== undefined) rmSync(join(facts.root, '.data', `live.${facts.project}`), { force: true })
  rmSync(facts.folder, { recursive: true, force: true })
}
