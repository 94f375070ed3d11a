/**
 * The application's part of the kit's proofs (rehearsal, drill, faults, storm, bench, strangers, fuzz, restore): its
 * requests, and how to write, read and find one row. An application exports one as `proof`.
 */
export interface Proof {
  /**
   * Requests of one new user, in order: at least one that creates, reads, lists, changes and deletes each resource, and one that
   * is refused by each unique key. The rehearsal sends them before and after each migration. As another user, with the ids that
   * the first one saved, they must show and change nothing of the first: each GET shows the first a saved id or `{run}`.
   */
  requests: readonly ProofRequest[]
  row: ProofRow
}

export interface ProofRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `{name}` stands for a saved id; `{run}` is another text in each run, in bodies and headers too. */
  path: string
  body?: unknown
  headers?: Record<string, string>
  /** Keeps `id` of the answer under this name. */
  save?: string
}

/** The resource that proofs write. */
export interface ProofRow {
  /**
   * Of the collection, below /api. POST creates one row (201), takes Idempotency-Key and answers with it as JSON, `id` included;
   * GET answers `{ items, nextCursor }` and takes `limit`; GET, PATCH with If-Match, and DELETE of `<path>/<id>` are for one.
   */
  path: string
  /** Name of the table, as in SQL. */
  table: string
  /** Two text columns that hold, unchanged, what bodies have under `keyField` and `markField`; answers have both fields too. */
  keyColumn: string
  markColumn: string
  keyField: string
  markField: string
  /** A valid body, as small as it can be; at most 100 characters of ASCII in each. */
  body: (key: string, mark: string) => Record<string, unknown>
  /** A body as a person would save it, about half a kilobyte; `number` makes each a little different. */
  sample: (number: number) => Record<string, unknown>
  /** A valid change of one row, for PATCH. */
  patch: Record<string, unknown>
  /** SQL for the same work as the routes; the bench compares the API with these statements on bare node:http. */
  bare: BareStatements
}

export interface BareStatements {
  /** Parameters: id, user id. */
  read: string
  /** Parameters: user id, created_at and id of the row before the page, number of rows. From the newest to the oldest. */
  list: string
  insert: string
  /** Parameters of `insert` from the parsed body of a request. */
  insertParameters: (id: string, userId: string, body: Record<string, unknown>) => unknown[]
}

/**
 * Replaces `{name}` by `values` in path, body and headers; a name without a value stays. Values must not need JSON
 * escapes.
 */
export function fillRequest(request: ProofRequest, values: Readonly<Record<string, string>>): ProofRequest {
  const fill = (whole: string, name: string) => values[name] ?? whole
  return JSON.parse(JSON.stringify(request).replaceAll(/\{(\w+)\}/g, fill)) as ProofRequest
}
