import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../../../src/kit/telemetry/metrics.ts'

function create() {
  return createMetrics({ version: '1.2.3', revision: 'abc' })
}

describe('metrics', () => {
  it('begin a registered route at 0, so that increase() sees its first request', async () => {
    const metrics = create()

    metrics.registerRoute('GET', '/api/parcels/{id}')

    const text = await metrics.render()
    expect(text).toContain('http_requests_total{method="GET",route="/api/parcels/{id}",status="200"} 0')
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/api/parcels/{id}"} 0')
  })

  it('count each request once, however often they are scraped', async () => {
    const metrics = create()

    metrics.observeRequest('GET', '/livez', 200, 0.01)
    metrics.observeRequest('GET', '/livez', 200, 0.02)
    metrics.observeRequest('GET', '/livez', 503, 0.02)
    await metrics.render()

    const text = await metrics.render()
    expect(text).toContain('http_requests_total{method="GET",route="/livez",status="200"} 2')
    expect(text).toContain('http_requests_total{method="GET",route="/livez",status="503"} 1')
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/livez"} 3')
  })

  it('count what was shed among the requests, from 0 on', async () => {
    const metrics = create()
    const series = 'http_requests_total{method="any",route="shed",status="503"}'
    expect(await metrics.render()).toContain(`${series} 0`)

    metrics.countShed()
    metrics.countShed()

    expect(await metrics.render()).toContain(`${series} 2`)
  })

  it('show the pool as it is at the scrape, statements by outcome, and the build', async () => {
    const metrics = create()
    let inUse = 1
    metrics.watchPool(() => ({ size: 10, inUse, waiting: 0 }))
    await metrics.render()
    inUse = 7
    metrics.observeQuery(0.003, 'ok')

    const text = await metrics.render()

    expect(text).toContain('database_pool_connections{state="in_use"} 7')
    expect(text).toContain('database_query_duration_seconds_count{outcome="ok"} 1')
    expect(text).toContain('database_query_duration_seconds_count{outcome="unavailable"} 0')
    expect(text).toContain('build_info{version="1.2.3",revision="abc"} 1')
    expect(text).toContain('process_resident_memory_bytes')
  })

  it('have no whole number among their bounds, which Prometheus would rename', async () => {
    expect(await create().render()).not.toMatch(/ le="\d+"|,le="\d+"|\{le="\d+"/)
  })
})
