/**
 * What the request gate (scripts/gate) and the routes tell each other. The gate is loaded before Next and runs in the same
 * process; Next's bundle finds it by a global symbol.
 */

/** Which requests may have a larger or slower body than others. */
export interface BodyRule {
  method: string
  /** As in the contract: /api/runs/[id]. */
  path: string
  maxBytes: number
  /** From the headers to the last byte. */
  deadlineMs: number
}

/** The body of a request, unless a rule says otherwise: what JSON forms need, with room to spare. */
export const MAX_BODY_BYTES = 64 * 1024
export const BODY_DEADLINE_MS = 20_000
/** Larger bodies are handed on while they arrive, and have to say their length. */
export const MAX_COLLECTED_BYTES = 8 * 1024 * 1024

/** Who sent a request, as far as the connection and the headers show it before Next adds headers of its own. */
export interface Visitor {
  /** The other end of the connection: the visitor's or the last proxy's. */
  address: string
  /** X-Forwarded-For as it arrived; empty if it didn't. */
  forwardedFor: string
  /** A proxy has left a trace. Without one there may still be a proxy: some leave none. */
  isForwarded: boolean
}

export interface RequestGate {
  /** Replaces the rules. Requests before the first call have to keep to the defaults. */
  setRules(rules: readonly BodyRule[]): void
  /** The visitor whose request the caller is handling. */
  visitor(): Visitor | undefined
}

const GATE = Symbol.for('tracklake.request-gate')

const place = globalThis as { [GATE]?: RequestGate }

export function installGate(gate: RequestGate): void {
  place[GATE] = gate
}

/** The gate of this process; undefined outside of the web process. */
export function requestGate(): RequestGate | undefined {
  return place[GATE]
}
