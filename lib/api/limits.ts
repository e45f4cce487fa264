/**
 * How often one caller may call expensive endpoints: `perMinute` in the long run, and as many at once after a pause;
 * `atOnce` running at the same time. A caller is a listener, an API token, or the address of a visitor without either.
 * `strangersAtOnce` is for all of the latter together.
 */
export interface RequestLimit {
  perMinute: number
  atOnce: number
  strangersAtOnce: number
}

/** Every limit. Contracts name theirs. Each web process counts for itself. */
export const REQUEST_LIMITS = {
  /** Queries of a warehouse, or of many rows. */
  queries: { perMinute: 600, atOnce: 16, strangersAtOnce: 4 },
  /** Orders of runs and loads. */
  orders: { perMinute: 60, atOnce: 4, strangersAtOnce: 1 },
  /** Requests to Spotify, Snowflake or a receiver of messages, which may take their time. */
  checks: { perMinute: 30, atOnce: 4, strangersAtOnce: 4 },
  /** Starting and completing a sign-in, which are two requests. Many people can share one address. */
  'sign-ins': { perMinute: 300, atOnce: 8, strangersAtOnce: 16 },
  /** Documents that are the same for everyone. */
  documents: { perMinute: 60, atOnce: 4, strangersAtOnce: 8 },
} as const satisfies Record<string, RequestLimit>

export type LimitName = keyof typeof REQUEST_LIMITS
