import { performance } from 'node:perf_hooks'
import type { AppError } from '../errors.ts'
import type { Admission, Candidate } from './admission.ts'
import { isUnavailable } from '../postgres/pg-error.ts'

export type QueryOutcome = 'ok' | 'error' | 'unavailable'

export interface QueryObserver {
  /** Called once per statement; `ms` includes the wait for a connection. */
  onQuery?: ((ms: number, outcome: QueryOutcome) => void) | undefined
}

/**
 * A statement of postgres.js: `handler` sends it, `resolve` and `reject` settle it. All three are called as its
 * methods.
 */
export interface DriverQuery {
  handler: (query: DriverQuery) => void
  resolve: (value: unknown) => void
  reject: (err: unknown) => void
}

/** Resources that a statement holds from its sending until it settles. */
export interface Holding {
  /** Present when the statement takes a place. */
  admission?: Admission | undefined
  settled?: (() => void) | undefined
}

interface TicketedQuery extends DriverQuery {
  ticket: QueryTicket
}

/**
 * State of one statement, from its creation until it settles. One object with shared methods: closures per statement
 * were most of the guard's cost.
 */
class QueryTicket implements Candidate {
  readonly query: DriverQuery
  readonly observer: QueryObserver
  readonly holding: Holding
  /** The driver's own three methods. */
  readonly send: DriverQuery['handler']
  readonly resolve: DriverQuery['resolve']
  readonly reject: DriverQuery['reject']
  readonly beginMs = performance.now()
  isSettled = false
  isHeld = false

  constructor(query: DriverQuery, observer: QueryObserver, holding: Holding) {
    this.query = query
    this.observer = observer
    this.holding = holding
    this.send = query.handler
    this.resolve = query.resolve
    this.reject = query.reject
  }

  run(): void {
    this.isHeld = true
    if (this.isSettled) this.holding.admission?.leave()
    else this.send(this.query)
  }

  refuse(err: AppError): void {
    this.query.reject(err)
  }

  settle(outcome: QueryOutcome): void {
    if (this.isSettled) return
    this.isSettled = true
    if (this.isHeld) this.holding.admission?.leave()
    this.holding.settled?.()
    this.observer.onQuery?.(performance.now() - this.beginMs, outcome)
  }
}

function send(this: TicketedQuery): void {
  const { ticket } = this
  ticket.holding.admission?.enter(ticket)
}

function resolve(this: TicketedQuery, value: unknown): void {
  this.ticket.settle('ok')
  this.ticket.resolve(value)
}

function reject(this: TicketedQuery, err: unknown): void {
  this.ticket.settle(isUnavailable(err) ? 'unavailable' : 'error')
  this.ticket.reject(err)
}

/** Watches a statement that is not sent yet; with an `admission` it is sent once it has a place. */
export function ticketQuery(query: DriverQuery, observer: QueryObserver, holding: Holding): void {
  const ticketed = query as TicketedQuery
  ticketed.ticket = new QueryTicket(query, observer, holding)
  ticketed.resolve = resolve
  ticketed.reject = reject
  if (holding.admission !== undefined) ticketed.handler = send
}
