/**
 * How often one caller may call expensive endpoints: `perMinute` is the sustained rate and the burst after a pause,
 * `atOnce` the number of concurrent calls. A caller is a listener, an API token, or the address of a visitor without
 * either. `strangersAtOnce` limits all such visitors together.
 */
export interface RequestLimit {
  perMinute: number
  atOnce: number
  strangersAtOnce: number
  /** For all callers together; no limit of its own if omitted. */
  allAtOnce?: number
}

/** The limits that contracts refer to by name. Each web process counts separately. */
export const REQUEST_LIMITS = {
  /** Queries that read a warehouse or many rows. */
  queries: { perMinute: 600, atOnce: 16, strangersAtOnce: 4 },
  /**
   * Files with all rows of a table, each until its last byte is sent. They count for the listener, whichever token asks,
   * because each takes one of the few readers of the listener's warehouse.
   */
  downloads: { perMinute: 120, atOnce: 2, strangersAtOnce: 1, allAtOnce: 6 },
  /** Queries that a person typed. One of a listener runs at a time; the others wait. */
  sql: { perMinute: 120, atOnce: 4, strangersAtOnce: 1 },
  /** Requests that start runs or loads. */
  orders: { perMinute: 60, atOnce: 4, strangersAtOnce: 1 },
  /** Calls that contact Spotify, Snowflake or a notification receiver, which may be slow. */
  checks: { perMinute: 30, atOnce: 4, strangersAtOnce: 4 },
  /** Sign-ins, which take two requests each. Many people can share one address. */
  'sign-ins': { perMinute: 300, atOnce: 8, strangersAtOnce: 16 },
  /** Documents that are the same for everyone. */
  documents: { perMinute: 60, atOnce: 4, strangersAtOnce: 8 },
} as const satisfies Record<string, RequestLimit>

export type LimitName = keyof typeof REQUEST_LIMITS

/** Changes that charts don't show yet are listed up to this many; the others come with the same build. */
export const MAX_PENDING_EXCLUSIONS = 500

/** As many as an artist can have; dim_genres counts them too. */
export const MAX_GENRES = 10

/** Of a file with a listener's own genres. */
export const MAX_GENRES_FILE_BYTES = 4 * 1024 * 1024

/** The longest text to search for, and the most results of each kind. */
export const SEARCH = { maxCharacters: 200, maxResults: 8 } as const

/** An upload of export files. An hour is enough for 500 MB at 1.2 Mbit/s. */
export const MAX_UPLOAD = { megabytes: 500, files: 50, deadlineMs: 3_600_000 } as const

/** A query that a person typed: what it may take, and what is returned of it. */
export const SQL_LIMITS = {
  bytes: 64 * 1024,
  parameterCharacters: 10_000,
  /** Until it is stopped. */
  seconds: 10,
  /** For a slot: one of a listener and two of an instance run at a time. */
  waitSeconds: 10,
  megabytesOfMemory: 400,
  rows: 10_000,
  resultBytes: 5 * 1024 * 1024,
  fileBytes: 50 * 1024 * 1024,
  cellCharacters: 10_000,
  nameCharacters: 200,
  /** Queries that are remembered. */
  history: 50,
  savedQueries: 100,
} as const
