import { RateWindow, type Window } from './rate-window.ts'

/** A client id of the developer dashboard, and what its owner set there. */
export interface App {
  clientId: string
  clientSecret: string
  /** What its owner registered; any address that Spotify takes while nobody said. */
  redirectUris: string[] | null
  /** The listeners under User Management; everybody while nobody said. */
  allowed: string[] | null
  /** Every data call through the app answers that its owner has no Premium. */
  premiumLapsed: boolean
  /** Spotify counts requests by app. */
  window: RateWindow
}

export type AppSettings = Partial<Omit<App, 'clientId' | 'window'>>

const DEFAULTS = { redirectUris: null, allowed: null, premiumLapsed: false }

/** The apps that the simulation knows: the first one from the start, others by order of a test. */
export class Apps {
  readonly #apps = new Map<string, App>()
  readonly #first: { clientId: string; clientSecret: string }
  readonly #window: Window

  constructor(first: { clientId: string; clientSecret: string }, window: Window) {
    this.#first = first
    this.#window = window
    this.clear()
  }

  /** @param clientId of a token that is older than the second app, nothing: the first one's */
  find(clientId: string | undefined): App | undefined {
    return this.#apps.get(clientId ?? this.#first.clientId)
  }

  /** Makes an app, or changes what is said of it. @returns false when a new one has no secret */
  set(clientId: string, order: AppSettings): boolean {
    const known = this.#apps.get(clientId)
    const clientSecret = order.clientSecret ?? known?.clientSecret
    if (!clientSecret) return false
    const window = known?.window ?? new RateWindow(this.#window)
    this.#apps.set(clientId, { ...DEFAULTS, ...known, ...order, clientId, clientSecret, window })
    return true
  }

  setWindow(window: Window): void {
    for (const app of this.#apps.values()) app.window.set(window)
  }

  clear(): void {
    this.#apps.clear()
    this.set(this.#first.clientId, this.#first)
  }
}
