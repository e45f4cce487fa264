/**
 * The interface between the request gate (scripts/gate) and the routes. The gate is loaded before Next into the same
 * process; Next's bundle finds it by a global symbol.
 */

/** A request that may have a larger or slower body than the default. */
export interface BodyRule {
  method: string
  /** As in the contract: /api/runs/[id]. */
  path: string
  maxBytes: number
  /** From the headers to the last byte. */
  deadlineMs: number
}

/** The default limit of a body: what JSON forms need, with room to spare. */
export const MAX_BODY_BYTES = 64 * 1024
export const BODY_DEADLINE_MS = 20_000
/** Larger bodies are streamed and must declare their length. */
export const MAX_COLLECTED_BYTES = 8 * 1024 * 1024

/** Who sent a request, judging by the connection and the headers, before Next adds its own headers. */
export interface Visitor {
  /** The peer's address: the visitor's or the last proxy's. */
  address: string
  /** X-Forwarded-For as received; empty if absent. */
  forwardedFor: string
  /** True if a proxy left a trace. False proves nothing: some leave none. */
  isForwarded: boolean
}

export interface RequestGate {
  /** Replaces the rules. Until the first call, the defaults apply. */
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
