import { hostname } from 'node:os'
import { getContainerRuntimeClient, GenericContainer, ImageName, Wait } from 'testcontainers'
import { isAlive } from '../../../src/kit/postgres/postmaster-pid.ts'
import type { TestServer } from './embedded-postgres.ts'
import { keys } from '../../../src/kit/config/keys.ts'

const pullTimeoutMs = 120_000

const ownerLabel = 'slipway.test.owner'

function image(): string {
  return process.env['TEST_POSTGRES_IMAGE'] ?? keys.POSTGRES_IMAGE.default
}

/** Any image with initdb and postgres on its PATH will do, whatever its own entrypoint expects. */
const script = `
set -eu
printf '%s' "$SUPERUSER_PASSWORD" > /tmp/password
initdb --pgdata=/tmp/data --username=postgres --pwfile=/tmp/password --auth=scram-sha-256 \
  --encoding=UTF8 --locale=C.UTF-8 --data-checksums --no-sync
printf 'host all all all scram-sha-256\\n' >> /tmp/data/pg_hba.conf
exec postgres -D /tmp/data -c listen_addresses='*' -c unix_socket_directories=/tmp -c fsync=off \
  -c full_page_writes=off -c max_connections=200 -c max_locks_per_transaction=128
`

async function withinPullTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the pull took too long')), pullTimeoutMs)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** The reason why containers cannot serve this run, or undefined when they can. */
export async function whyNoContainer(): Promise<string | undefined> {
  const client = await getContainerRuntimeClient().catch(() => undefined)
  if (client === undefined) return 'no container engine answers'
  const name = ImageName.fromString(image())
  if (await client.image.exists(name)) return undefined
  try {
    await withinPullTime(client.image.pull(name))
    return undefined
  } catch {
    return `the image ${image()} is neither here nor to be had from a registry`
  }
}

/** Removes the containers of earlier runs on this machine that were killed before they could. */
async function sweepContainers(): Promise<void> {
  const { dockerode } = (await getContainerRuntimeClient()).container
  for (const each of await dockerode.listContainers({ all: true, filters: { label: [ownerLabel] } })) {
    const [host, pid] = each.Labels[ownerLabel]?.split('/') ?? []
    if (host !== hostname() || isAlive(Number(pid))) continue
    await dockerode.getContainer(each.Id).remove({ force: true, v: true })
  }
}

/** A disposable server by Testcontainers, with its data in memory. */
export async function openContainerPostgres(superuserPassword: string): Promise<TestServer> {
  // Testcontainers' own reaper is one more image to pull, which is not to be had on machines without a registry.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'
  await sweepContainers()
  const container = await new GenericContainer(image())
    .withLabels({ [ownerLabel]: `${hostname()}/${process.pid}` })
    .withUser('postgres')
    .withEntrypoint(['sh', '-c', script])
    .withEnvironment({ SUPERUSER_PASSWORD: superuserPassword, LC_ALL: 'C.UTF-8' })
    .withTmpFs({ '/tmp': 'rw,size=2g' })
    .withSharedMemorySize(256 * 1024 * 1024)
    .withExposedPorts(5432)
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/))
    .start()
  process.stdout.write(`integration tests run on PostgreSQL in a container of ${image()}\n`)
  return {
    host: container.getHost(),
    port: container.getMappedPort(5432),
    close: async () => {
      await container.stop({ timeout: 1_000 })
    },
  }
}
