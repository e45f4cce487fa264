/** What a listener consented to, when, and for which app. */
export interface Consent {
  listener: string
  /** Client id. Tokens from before there were several apps have none. */
  client?: string | undefined
  scopes: string[]
  authorizedAt: number
}

type EndReason = 'revoked' | 'expired'

/** Which consents ended early, who is not on the allow-list, and how often refresh tokens were rotated. */
export class Consents {
  readonly #ended = new Map<string, { reason: EndReason; at: number }>()
  readonly #notAllowed = new Set<string>()
  /** The first consent that each listener used since the start. */
  readonly #first = new Map<string, number>()
  // Lost on a restart, after which older tokens work again.
  readonly #rotations = new Map<string, number>()

  end(listener: string, reason: EndReason, at: number): void {
    this.#ended.set(listener, { reason, at })
  }

  used({ listener, authorizedAt }: Consent): void {
    this.#first.set(listener, Math.min(authorizedAt, this.firstUsed(listener) ?? authorizedAt))
  }

  firstUsed(listener: string): number | undefined {
    return this.#first.get(listener)
  }

  restore(listener: string): void {
    this.#ended.delete(listener)
  }

  /** When a new consent starts: after the previous one ended, even if the clock stands still. */
  startOf(listener: string, now: number): number {
    const ended = this.#ended.get(listener)
    return ended ? Math.max(now, ended.at + 1) : now
  }

  endReason({ listener, authorizedAt }: Consent): EndReason | undefined {
    const ended = this.#ended.get(listener)
    return ended && authorizedAt <= ended.at ? ended.reason : undefined
  }

  allow(listener: string, allowed: boolean): void {
    if (allowed) this.#notAllowed.delete(listener)
    else this.#notAllowed.add(listener)
  }

  isAllowed(listener: string): boolean {
    return !this.#notAllowed.has(listener)
  }

  rotationOf({ listener, authorizedAt }: Consent): number {
    return this.#rotations.get(`${listener} ${authorizedAt}`) ?? 0
  }

  setRotation(consent: Consent, rotation: number): void {
    this.#rotations.set(`${consent.listener} ${consent.authorizedAt}`, rotation)
  }

  clear(): void {
    this.#ended.clear()
    this.#first.clear()
    this.#notAllowed.clear()
    this.#rotations.clear()
  }
}
