import { type Clock, MINUTE, now, SECOND } from '#lib/core/clock.ts'
import { inngestBackoffMs } from './backoff.ts'

export interface EngineOptions {
  databaseUrl: string
  port: number
  /** Where the app serves its functions, e.g. `http://127.0.0.1:3000/api/inngest`. */
  appUrl: string
  eventKey: string
  signingKey: string
  /** Milliseconds before the attempt that follows `attempt`, counted from 0; default: Inngest's table. */
  backoffMs?: (attempt: number) => number
  clock?: Clock
  /** Concurrent calls to the app. */
  concurrency?: number
  /** How often to look for due sleeps and retries; they are late by up to this. */
  pollMs?: number
  /** How often to check crons. */
  tickMs?: number
  /** How often to fetch the app's functions. */
  syncEveryMs?: number
  /** How often to look for calls held by an engine that is gone. */
  freeEveryMs?: number
  /** How long calls of an unknown function wait before they fail. */
  unknownForMs?: number
  /** How long one call to the app may take. */
  callTimeoutMs?: number
  /** How long `stop` waits for active calls. */
  graceMs?: number
  /** The engine can't continue, but a new process can. Called at most once. */
  onLost?: (cause: unknown) => void
}

export interface Health {
  ok: boolean
  state: 'starting' | 'standing by' | 'running' | 'stopped'
  /** When the engine last saw its database, ISO 8601. */
  lastTickAt: string | null
  /** What the operator has to fix. */
  problem: string | null
}

export interface Engine {
  /**
   * Resolves when the engine is active. Until then it waits for the database, for another engine to end, and for the app.
   *
   * @throws Stop when a function uses something this engine doesn't implement
   */
  start(): Promise<void>
  /** Waits a moment for active calls, then closes everything. The next start repeats interrupted calls. */
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

/** Fills in the defaults. */
export function withDefaults(options: EngineOptions): Required<EngineOptions> {
  const defined = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return { ...options, ...DEFAULTS, ...defined }
}
