import { describe, expect, test } from 'vitest'
import type { Measurement } from '../../../../bench/api/measure.ts'
import { renderTable } from '../../../../bench/api/render-table.ts'
import { median, summarize } from '../../../../bench/api/summarize.ts'

function measured(fields: Partial<Measurement>): Measurement {
  return {
    requestsPerSecond: 1000,
    p50Ms: 1,
    p99Ms: 2,
    cpuMicroseconds: 100,
    ran: 0.99,
    waited: 0,
    ...fields,
  }
}

function seriesOf(contender: string, measurements: Measurement[]) {
  return {
    case: 'list',
    contender,
    measurements,
  }
}

const bare = seriesOf('bare', [measured({}), measured({}), measured({})])

function rowsOf(...measurements: Measurement[]) {
  return summarize([seriesOf('api', measurements), bare], 'bare')
}

describe('summary', () => {
  test('the median of an even number of figures lies between the middle two', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  test('one bad round moves the spread and not the share', () => {
    const [row] = rowsOf(
      measured({ requestsPerSecond: 800 }),
      measured({ requestsPerSecond: 100 }),
      measured({ requestsPerSecond: 820 }),
    )

    expect(row?.ofBare.throughput).toBe(0.8)
    expect(row?.spread).toEqual([0.1, 0.82])
  })

  test('twice the processor time per request is half per core', () => {
    const [row] = rowsOf(measured({ cpuMicroseconds: 200 }))

    expect(row?.ofBare.perCore).toBe(0.5)
  })

  test('a case without a bare series is refused', () => {
    expect(() => summarize([seriesOf('api', [measured({})])], 'bare')).toThrow(/nothing to compare list with/)
  })
})

describe('table', () => {
  test('says that the servers were at their limit', () => {
    expect(renderTable(rowsOf(measured({})))).toContain('every server was at its limit')
  })

  test('names a server that was held back by something else', () => {
    expect(renderTable(rowsOf(measured({ ran: 0.5 })))).toContain('PostgreSQL was: api (list);')
  })

  test('says that the machine was not quiet', () => {
    expect(renderTable(rowsOf(measured({ ran: 0.7, waited: 0.3 })))).toContain('repeat it when it is quiet')
  })
})
