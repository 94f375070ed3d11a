import type { Draft } from './judge.ts'

/** The application's answer to one of its requests. */
export interface Answer {
  /** As in `POST /api/parcels`. */
  request: string
  status: number
}

export interface RequestProbe {
  /** Sends every request once, as a user of its own, in the same order each time. */
  run: () => Promise<Answer[]>
}

export const noRequests: RequestProbe = { run: () => Promise.resolve([]) }

/**
 * A request that the server could not answer before the file shows nothing about the file, and a refusal (4xx) after such
 * a request may be its consequence: a sign-up that failed, an id that was never given.
 */
export function objectToAnswers(
  before: readonly Answer[],
  after: readonly Answer[],
): { drafts: Draft[]; skipped: string[] } {
  const pairs = before.map((old, index) => ({ old, status: after[index]?.status }))
  const firstFailure = before.findIndex(({ status }) => status >= 500)
  const isDoubtful = (index: number, after = 500): boolean =>
    firstFailure >= 0 && index > firstFailure && after < 500
  const judged = pairs.filter(
    ({ old, status }, index) => old.status < 400 || (old.status < 500 && !isDoubtful(index, status)),
  )
  return {
    drafts: judged
      .filter(({ old, status }) => status !== old.status)
      .map(({ old, status }) => ({
        rule: 'rehearsal-request',
        sentence: `${old.request} answers ${status ?? 'nothing'}, and ${old.status} before the file`,
        hint: 'the running version must work with the new schema: expand first, contract in a later release',
      })),
    skipped: pairs
      .filter(({ old }) => old.status >= 500)
      .map(({ old }) => `${old.request}: answers ${old.status} without the migration`),
  }
}
