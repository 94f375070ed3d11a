import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { answerBrokenRequest } from '../../../../src/kit/http/server/answer-broken-request.ts'

function failure(code: string) {
  return Object.assign(new Error('parse error'), { code })
}

/** Node hangs the answer that is under way on its socket. */
function socket(answer: { headersSent: boolean } | null = null) {
  return Object.assign(new PassThrough(), { _httpMessage: answer, destroySoon: () => undefined })
}

describe('a broken request', () => {
  test.each([
    ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large', 'headers_too_large'],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '413 Content Too Large', 'payload_too_large'],
    ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout', 'timeout'],
    ['HPE_INVALID_METHOD', '400 Bad Request', 'invalid_request'],
  ])('that fails with %s is answered %s', (code, statusLine, problemCode) => {
    const stream = socket()

    answerBrokenRequest(failure(code), stream)
    const [head = '', body = ''] = String(stream.read()).split('\r\n\r\n')

    expect(head).toMatch(`HTTP/1.1 ${statusLine}\r\n`)
    expect(head).toContain(`content-length: ${body.length}`)
    expect(JSON.parse(body)).toMatchObject({ code: problemCode })
  })

  test('is answered while its own answer has not begun', () => {
    const stream = socket({ headersSent: false })

    answerBrokenRequest(failure('HPE_INVALID_CHUNK_SIZE'), stream)

    expect(String(stream.read())).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('is answered once, however much of it still comes', () => {
    const stream = socket()

    answerBrokenRequest(failure('HPE_INVALID_METHOD'), stream)
    const answer = String(stream.read())
    answerBrokenRequest(failure('HPE_INVALID_METHOD'), stream)

    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(stream.destroyed).toBe(false)
    expect(stream.read()).toBeNull()
  })

  test('is none where nothing has come yet', () => {
    const stream = Object.assign(socket(), { bytesRead: 0 })

    answerBrokenRequest(failure('ERR_HTTP_REQUEST_TIMEOUT'), stream)

    expect(stream.destroyed).toBe(false)
    expect(stream.read()).toBeNull()
  })

  test.each([
    ['behind half an answer', 'HPE_INVALID_METHOD', { headersSent: true }],
    ['after a reset', 'ECONNRESET', null],
  ])('%s is only hung up on', (_when, code, answer) => {
    const stream = socket(answer)

    answerBrokenRequest(failure(code), stream)

    expect(stream.destroyed).toBe(true)
    expect(stream.read()).toBeNull()
  })
})
