import { createServer, type Server } from 'node:http'
import type { Metrics } from '../telemetry/metrics.ts'

/** Creates the second listener: GET /metrics for Prometheus and nothing else. */
export function serveMetrics(metrics: Pick<Metrics, 'render' | 'contentType'>): Server {
  const server = createServer((req, res) => {
    if (req.method !== 'GET' || req.url?.split('?')[0] !== '/metrics') {
      res.writeHead(404, { 'content-type': 'text/plain' }).end('metrics are at GET /metrics\n')
      return
    }
    metrics.render().then(
      (text) => res.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => res.writeHead(500, { 'content-type': 'text/plain' }).end('metrics could not be rendered\n'),
    )
  })
  server.headersTimeout = 5_000
  server.requestTimeout = 10_000
  return server
}
