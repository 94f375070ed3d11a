import { createServer, type Server, type ServerResponse } from 'node:http'
import type { MetricsReader } from './metric-family.ts'
import { readMetrics } from './metrics-text.ts'

function send(res: ServerResponse, status: number, body: string): void {
  res.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(body)
}

/**
 * Serves /metrics for Prometheus and /livez for the engine; a failed backup raises an alert and causes no restart.
 */
export function createMetricsServer(backupsFolder: string, readers: MetricsReader[]): Server {
  const server = createServer((req, res) => {
    if (req.url === '/livez') send(res, 200, 'ok\n')
    else if (req.url !== '/metrics') send(res, 404, 'not found\n')
    else {
      readMetrics(readers, { backupsFolder, now: new Date() }).then(
        (text) => send(res, 200, text),
        () => send(res, 500, 'the backups folder cannot be read\n'),
      )
    }
  })
  server.headersTimeout = 5_000
  server.requestTimeout = 10_000
  return server
}
