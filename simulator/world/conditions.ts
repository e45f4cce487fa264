import type { Consent } from '#simulator/accounts/tokens.ts'

/** What is wrong with the world until somebody mends it; set through the admin address, all well at start. */
export interface Conditions {
  /** Every data call answers that the owner of the app has no Premium. */
  premiumLapsed: boolean
  /** The token endpoint refuses the client secret. */
  wrongSecret: boolean
  /** Playlists say `tracks` and `track`, as they did before February 2026. */
  oldShapes: boolean
  /** Every refresh gives a new refresh token and the old one stops. */
  rotation: boolean
}

export const HEALTHY: Conditions = { premiumLapsed: false, wrongSecret: false, oldShapes: false, rotation: false }

type ConsentEnd = 'revoked' | 'expired'

/** Which consents ended early, who is not on the allow-list, and which refresh tokens were replaced. */
export class Consents {
  readonly #ended = new Map<string, { how: ConsentEnd; at: number }>()
  readonly #notAllowed = new Set<string>()
  // One entry per consent that was rotated; lost on a restart, after which older tokens work again.
  readonly #turns = new Map<string, number>()

  end(listener: string, how: ConsentEnd, at: number): void {
    this.#ended.set(listener, { how, at })
  }

  restore(listener: string): void {
    this.#ended.delete(listener)
  }

  /** When a consent that is given now begins: after the end of the one before, also if the clock stands still. */
  startOf(listener: string, now: number): number {
    const ended = this.#ended.get(listener)
    return ended ? Math.max(now, ended.at + 1) : now
  }

  endReason({ listener, authorizedAt }: Consent): ConsentEnd | undefined {
    const ended = this.#ended.get(listener)
    return ended && authorizedAt <= ended.at ? ended.how : undefined
  }

  allow(listener: string, allowed: boolean): void {
    if (allowed) this.#notAllowed.delete(listener)
    else this.#notAllowed.add(listener)
  }

  isAllowed(listener: string): boolean {
    return !this.#notAllowed.has(listener)
  }

  rotationOf({ listener, authorizedAt }: Consent): number {
    return this.#turns.get(`${listener} ${authorizedAt}`) ?? 0
  }

  setRotation(consent: Consent, turn: number): void {
    this.#turns.set(`${consent.listener} ${consent.authorizedAt}`, turn)
  }

  clear(): void {
    this.#ended.clear()
    this.#notAllowed.clear()
    this.#turns.clear()
  }
}
