import { copyFileSync, appendFileSync } from 'node:fs'
import { join } from 'node:path'

import { freePort } from '../../../support/free-port.ts'
import { removeStack } from '../../../support/remove-stack.ts'
import { compose, docker, stack, useStack } from '../../../support/stack.ts'

export interface SmallDisk {
  /** Takes what is left, to the last block. */
  fill: () => Promise<void>
  /** Gives back what `fill` took; the moment of Date.now(). */
  clear: () => Promise<number>
  /** Names and sizes in bytes of the files beside the cluster's own. */
  files: () => Promise<string>
  close: () => void
}

const sizeMb = 256
export const ballastMb = 48

const data = '/var/lib/postgresql/data'

/** The same images and secrets under another name and other ports, with no more than what answers requests. */
async function describe() {
  const outer = stack()
  const project = `${outer.project}-disk`
  const [httpPort, httpsPort] = [await freePort(), await freePort()]
  const envFile = join(outer.folder, 'disk-env')
  copyFileSync(outer.envFile, envFile)
  const lines = {
    COMPOSE_PROJECT_NAME: project,
    PUBLIC_HTTP_PORT: httpPort,
    PUBLIC_HTTPS_PORT: httpsPort,
    PUBLIC_URL: `https://localhost:${httpsPort}`,
    POSTGRES_BALLAST_MB: ballastMb,
    // The repository of backups belongs to the other cluster.
    ARCHIVE: 'off',
    // A restore to a moment has named another volume for the outer stack: it must not be shared.
    PGDATA_VOLUME: '',
  }
  appendFileSync(
    envFile,
    Object.entries(lines)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  return { ...outer, project, envFile, httpPort, httpsPort }
}

/**
 * A volume in memory, made before Compose asks for it. The engine unmounts such a one, and all is lost, when the last
 * container lets go of it: a second one holds on.
 */
async function createVolume(project: string, image: string): Promise<string> {
  const label = `com.docker.compose.project=${project}`
  const volume = `${project}_pgdata`
  const options = `size=${sizeMb}m,uid=999,gid=999,mode=0700`
  const kind = ['--opt', 'type=tmpfs', '--opt', 'device=tmpfs', '--opt', `o=${options}`]
  await docker(
    ...['volume', 'create', ...kind],
    ...['--label', label, '--label', 'com.docker.compose.volume=pgdata', volume],
  )
  const hold = ['--entrypoint', 'sleep', image, 'infinity']
  const where = ['--volume', `${volume}:${data}`, '--network', 'none', '--init', '--label', label]
  return (await docker('run', '--detach', ...where, ...hold)).trim()
}

/** Brings up a stack whose database has a small disk of its own; until it is closed, `stack()` is that one. */
export async function openSmallDisk(): Promise<SmallDisk> {
  const outer = stack()
  const facts = await describe()
  const leftovers = { project: facts.project, folder: join(outer.folder, 'disk') }
  removeStack(leftovers)
  useStack(facts)
  const image = (await compose('config', '--images', 'db')).trim()
  const holder = await createVolume(facts.project, image)
  await compose('up', '--detach', '--wait', '--no-build', 'caddy')
  const inVolume = (script: string): Promise<string> => docker('exec', holder, 'bash', '-c', script)
  return {
    fill: async () => {
      await inVolume(`! dd if=/dev/zero of=${data}/pgsql_tmp_fill bs=4k status=none`)
    },
    clear: async () => {
      await inVolume(`rm -f ${data}/pgsql_tmp_fill`)
      return Date.now()
    },
    files: () => inVolume(`cd ${data} && stat --format='%n %s' pgsql_tmp_* || true`),
    close: () => {
      removeStack(leftovers)
      useStack(outer)
    },
  }
}
