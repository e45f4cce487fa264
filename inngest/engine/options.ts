import { type Clock, MINUTE, now, SECOND } from '#lib/core/clock.ts'
import { inngestBackoffMs } from './backoff.ts'

export interface EngineOptions {
  databaseUrl: string
  port: number
  /** Where the app serves its functions, e.g. `http://127.0.0.1:3000/api/inngest`. */
  appUrl: string
  eventKey: string
  signingKey: string
  /** Milliseconds before the try that follows `attempt`, counted from 0; default: Inngest's table. */
  backoffMs?: (attempt: number) => number
  clock?: Clock
  /** Calls to the app at once. */
  concurrency?: number
  /** How often sleeps and retries that are due are looked for; they are late by up to this. */
  pollMs?: number
  /** How often crons are looked at. */
  tickMs?: number
  /** How often the app is asked for its functions again. */
  syncEveryMs?: number
  /** How often calls are looked for that an engine holds which is gone. */
  freeEveryMs?: number
  /** How long calls wait of a function that the app does not have. */
  unknownForMs?: number
  /** How long one call to the app may take. */
  callTimeoutMs?: number
  /** How long `stop` waits for calls under way. */
  graceMs?: number
  /** The engine cannot go on; a new process can. Called at most once. */
  onLost?: (cause: unknown) => void
}

export interface Health {
  ok: boolean
  state: 'starting' | 'standing by' | 'running' | 'stopped'
  /** When the engine last saw its database, ISO 8601. */
  lastTickAt: string | null
  /** What a person has to look at. */
  problem: string | null
}

export interface Engine {
  /**
   * Resolves when the engine is the only one on its database, knows the app's functions and works. Until then it waits:
   * for the database, for another engine to end, for the app.
   *
   * @throws Stop when a function wants what this engine does not do
   */
  start(): Promise<void>
  /** Waits a moment for calls under way and closes everything. What broke off is repeated by the next start. */
  stop(): Promise<void>
  health(): Health
}

const DEFAULTS = {
  backoffMs: inngestBackoffMs,
  clock: now,
  concurrency: 16,
  pollMs: SECOND / 2,
  tickMs: SECOND,
  syncEveryMs: 10 * SECOND,
  freeEveryMs: MINUTE,
  unknownForMs: 10 * MINUTE,
  callTimeoutMs: 15 * MINUTE,
  graceMs: 2 * SECOND,
  onLost: () => {},
}

/** Fills in what the caller left open. */
export function complete(options: EngineOptions): Required<EngineOptions> {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return { ...options, ...DEFAULTS, ...given }
}
