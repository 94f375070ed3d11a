import { describe, expect, it } from 'vitest'
import { createConversationInput } from '../../../../src/app/travel/conversation.ts'
import { createItineraryInput, itineraryPatch } from '../../../../src/app/travel/itinerary.ts'
import { appendMessageInput } from '../../../../src/app/travel/message.ts'
import { preferencesInput } from '../../../../src/app/travel/preferences.ts'

const trip = { title: 'Lisbon', destination: 'Portugal' }
const day = { activities: [{ title: 'Walk' }] }
function withActivity(activity: object) {
  return {
    ...trip,
    days: [{ activities: [{ title: 'x', ...activity }] }],
  }
}

describe('itinerary input', () => {
  it('fills what was left out', () => {
    expect(createItineraryInput.parse({ title: '  Lisbon ', destination: 'Portugal' })).toEqual({
      ...trip,
      startsOn: null,
      endsOn: null,
      status: 'draft',
      notes: null,
      days: [],
    })
  })

  it.each([
    ['a title of 200 characters', { ...trip, title: 't'.repeat(200) }],
    ['notes of 10,000 characters', { ...trip, notes: 'n'.repeat(10_000) }],
    ['60 days', { ...trip, days: Array.from({ length: 60 }, () => day) }],
    [
      '30 activities',
      { ...trip, days: [{ activities: Array.from({ length: 30 }, () => ({ title: 'x' })) }] },
    ],
    ['an end on the day it starts', { ...trip, startsOn: '2028-02-29', endsOn: '2028-02-29' }],
    ['the last minute of a day', withActivity({ startsAt: '23:59' })],
    ['something that costs nothing', withActivity({ cost: { amountMinor: 0, currency: 'JPY' } })],
    ['an emoji of several code points', { ...trip, title: '👩‍👩‍👧‍👦' }],
  ])('takes %s', (_case, input) => {
    expect(createItineraryInput.safeParse(input).success).toBe(true)
  })

  it.each([
    ['no destination', { title: 'x' }],
    ['a blank title', { ...trip, title: ' \t\n ' }],
    ['a title of 201 characters', { ...trip, title: 't'.repeat(201) }],
    ['a title that is a number', { ...trip, title: 7 }],
    ['U+0000', { ...trip, title: 'a\u0000b' }],
    ['half of a surrogate pair', { ...trip, destination: 'a\udc00' }],
    ['notes of 10,001 characters', { ...trip, notes: 'n'.repeat(10_001) }],
    ['empty notes', { ...trip, notes: '' }],
    ['an unknown field', { ...trip, userId: 'somebody' }],
    ['an unknown status', { ...trip, status: 'archived' }],
    ['an end before the start', { ...trip, startsOn: '2027-05-02', endsOn: '2027-05-01' }],
    ['30 February', { ...trip, startsOn: '2027-02-30' }],
    ['29 February of an ordinary year', { ...trip, startsOn: '2027-02-29' }],
    ['the year 0000, which PostgreSQL does not know', { ...trip, startsOn: '0000-01-01' }],
    ['a date with a time', { ...trip, startsOn: '2027-01-01T00:00:00Z' }],
    ['61 days', { ...trip, days: Array.from({ length: 61 }, () => day) }],
    [
      '31 activities',
      { ...trip, days: [{ activities: Array.from({ length: 31 }, () => ({ title: 'x' })) }] },
    ],
    ['U+0000 deep inside', withActivity({ note: '\u0000' })],
    ['half of a surrogate pair deep inside', withActivity({ place: '\ud83d' })],
    ['an unknown field deep inside', withActivity({ price: 3 })],
    ['24:00', withActivity({ startsAt: '24:00' })],
    ['a fraction of a cent', withActivity({ cost: { amountMinor: 0.5, currency: 'EUR' } })],
    ['an amount beyond the limit', withActivity({ cost: { amountMinor: 1e308, currency: 'EUR' } })],
    ['a currency in small letters', withActivity({ cost: { amountMinor: 1, currency: 'eur' } })],
    ['an array', [trip]],
    ['null', null],
  ])('refuses %s', (_case, input) => {
    expect(createItineraryInput.safeParse(input).success).toBe(false)
  })
})

describe('itinerary patch', () => {
  it('keeps apart what is cleared and what is left alone', () => {
    expect(itineraryPatch.parse({ notes: null })).toEqual({ notes: null })
  })

  it.each([
    ['nothing', {}],
    ['only unknown fields', { version: 3 }],
    ['a title set to null', { title: null }],
    ['both dates turned round', { startsOn: '2027-05-02', endsOn: '2027-05-01' }],
  ])('refuses %s', (_case, input) => {
    expect(itineraryPatch.safeParse(input).success).toBe(false)
  })
})

describe('preferences input', () => {
  it.each([
    ['an unknown pace', { pace: 'frantic' }],
    ['21 interests', { interests: Array.from({ length: 21 }, (_, index) => `i${index}`) }],
    ['an interest of 51 characters', { interests: ['i'.repeat(51)] }],
    ['a currency that is none', { currency: 'EURO' }],
    ['U+0000 in a list', { dietary: ['a\u0000'] }],
  ])('refuses %s', (_case, input) => {
    expect(preferencesInput.safeParse(input).success).toBe(false)
  })
})

describe('conversation and message input', () => {
  it.each([
    ['a blank title', createConversationInput, { title: ' ' }],
    ['an itinerary that is no uuid', createConversationInput, { title: 'x', itineraryId: '7' }],
    ['an unknown role', appendMessageInput, { role: 'root', content: 'x' }],
    ['an empty message', appendMessageInput, { role: 'user', content: '' }],
    ['a message of 32,001 characters', appendMessageInput, { role: 'user', content: 'x'.repeat(32_001) }],
    ['U+0000 in a message', appendMessageInput, { role: 'user', content: 'a\u0000' }],
  ])('refuses %s', (_case, schema, input) => {
    expect(schema.safeParse(input).success).toBe(false)
  })

  it('keeps blanks and line breaks of a message', () => {
    const content = '  two\r\nlines\t'

    expect(appendMessageInput.parse({ role: 'user', content }).content).toBe(content)
  })
})
