import { spawnProcess, untilLogged, type SpawnedProcess } from './spawn-process.ts'

export interface SpawnedServer extends SpawnedProcess {
  url: string
  metricsUrl: string
}

export const serverEnv = (databaseUrl: string): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  AUTH_SECRET: 'a secret of more than thirty-two characters',
  HTTP_PORT: '0',
  METRICS_PORT: '0',
})

/** The real API process on ports of its own, listening. */
export const spawnServer = async (env: Record<string, string>): Promise<SpawnedServer> => {
  const spawned = spawnProcess('src/bin/server.ts', env)
  const line = await untilLogged(spawned, 'listening')
  return {
    ...spawned,
    url: `http://127.0.0.1:${String(line['http_port'])}`,
    metricsUrl: `http://127.0.0.1:${String(line['metrics_port'])}/metrics`,
  }
}
