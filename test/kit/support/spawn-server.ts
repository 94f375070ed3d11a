import { applicationOfProcess, type ApplicationName } from './applications.ts'
import { bundleHome, bundleOf } from './bundles.ts'
import { spawnProcess, untilLogged, type SpawnedProcess } from './spawn-process.ts'

export interface SpawnedServer extends SpawnedProcess {
  url: string
  metricsUrl: string
}

export function serverEnv(databaseUrl: string): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    AUTH_SECRET: 'a secret of more than thirty-two characters',
    HTTP_PORT: '0',
    METRICS_PORT: '0',
  }
}

interface SpawnOptions {
  application?: ApplicationName
  through?: string[] | undefined
  /** Told before it listens, so that it can be ended when it never does. */
  onSpawn?: (spawned: SpawnedProcess) => void
}

/** The real API process on ports of its own, listening. */
export async function spawnServer(
  env: Record<string, string>,
  { application = applicationOfProcess(), through = [], onSpawn = () => undefined }: SpawnOptions = {},
): Promise<SpawnedServer> {
  const spawned = spawnProcess(bundleOf('server', application), env, [], through, bundleHome(application))
  onSpawn(spawned)
  const line = await untilLogged(spawned, 'listening')
  return {
    ...spawned,
    url: `http://127.0.0.1:${String(line['http_port'])}`,
    metricsUrl: `http://127.0.0.1:${String(line['metrics_port'])}/metrics`,
  }
}
