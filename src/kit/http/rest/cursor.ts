import { validate as isUuid } from 'uuid'
import { AppError } from '../../errors.ts'

/** Where a list that runs from new to old goes on: strictly before this row. */
export interface TimePosition {
  createdAt: Date
  id: string
}

/** Later than every row there can be, so that the first page is the same prepared statement as all others. */
export const beforeFirstPage: TimePosition = {
  createdAt: new Date('9999-12-31T00:00:00.000Z'),
  id: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
}

// The letter in front keeps a cursor of one list from being read by another. Cursors are opaque but not secret: every
// statement that takes one is bound to its user all the same.
const timeForm = /^t:(\d{1,15}):([0-9a-f-]{36})$/
const orderForm = /^o:(\d{1,10})$/

export function encodeTimeCursor({ createdAt, id }: TimePosition): string {
  return toOpaque(`t:${createdAt.getTime()}:${id}`)
}

export function decodeTimeCursor(cursor: string): TimePosition {
  const [, milliseconds, id] = timeForm.exec(fromOpaque(cursor)) ?? []
  const createdAt = new Date(Number(milliseconds))
  if (id === undefined || !isUuid(id) || !(createdAt <= beforeFirstPage.createdAt)) throw badCursor()
  return { createdAt, id }
}

export function encodeOrderCursor(position: number): string {
  return toOpaque(`o:${position}`)
}

export function decodeOrderCursor(cursor: string): number {
  const position = Number(orderForm.exec(fromOpaque(cursor))?.[1])
  if (!(position <= maxInteger)) throw badCursor()
  return position
}

/** Of PostgreSQL's integer. */
const maxInteger = 2_147_483_647

function toOpaque(plain: string): string {
  return Buffer.from(plain, 'latin1').toString('base64url')
}

/** Node skips what is not base64url; encoding the result again finds such spellings, so that one place has one cursor. */
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
