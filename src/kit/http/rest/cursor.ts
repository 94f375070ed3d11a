import { validate as isUuid } from 'uuid'
import { AppError } from '../../errors.ts'

/** Position in a list sorted from new to old: the page starts strictly before this row. */
export interface TimePosition {
  createdAt: Date
  id: string
}

/** Later than every possible row, so that the first page uses the same prepared statement as all others. */
export const beforeFirstPage: TimePosition = {
  createdAt: new Date('9999-12-31T00:00:00.000Z'),
  id: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
}

// The leading letter prevents a cursor of one list from being used in another. Cursors are opaque but not secret:
// every statement that takes one also filters by user.
const timeForm = /^t:(\d{1,15}):([0-9a-f-]{36})$/
const orderForm = /^o:(\d{1,10})$/

/** Encodes the position as an opaque base64url cursor. */
export function encodeTimeCursor({ createdAt, id }: TimePosition): string {
  return toOpaque(`t:${createdAt.getTime()}:${id}`)
}

/** Decodes a cursor of `encodeTimeCursor`. Throws `invalid_request` when it is not one. */
export function decodeTimeCursor(cursor: string): TimePosition {
  const [, milliseconds, id] = timeForm.exec(fromOpaque(cursor)) ?? []
  const createdAt = new Date(Number(milliseconds))
  if (id === undefined || !isUuid(id) || !(createdAt <= beforeFirstPage.createdAt)) throw badCursor()
  return { createdAt, id }
}

/** Encodes an integer position as an opaque base64url cursor. */
export function encodeOrderCursor(position: number): string {
  return toOpaque(`o:${position}`)
}

/** Decodes a cursor of `encodeOrderCursor`. Throws `invalid_request` when it is not one. */
export function decodeOrderCursor(cursor: string): number {
  const position = Number(orderForm.exec(fromOpaque(cursor))?.[1])
  if (!(position <= maxInteger)) throw badCursor()
  return position
}

/** Maximum of PostgreSQL's `integer`. */
const maxInteger = 2_147_483_647

function toOpaque(plain: string): string {
  return Buffer.from(plain, 'latin1').toString('base64url')
}

/**
 * Decodes and encodes again, because Node ignores characters that are not base64url: each position has one valid
 * cursor.
 */
function fromOpaque(cursor: string): string {
  const plain = Buffer.from(cursor, 'base64url').toString('latin1')
  if (toOpaque(plain) !== cursor) throw badCursor()
  return plain
}

function badCursor(): AppError {
  return new AppError('invalid_request', 'the cursor is not one that this list gave out', {
    hint: 'pass nextCursor of the page before unchanged, or leave cursor out to begin again',
  })
}
