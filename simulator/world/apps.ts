import { RateWindow, type Window } from './rate-window.ts'

/** An app of the developer dashboard, and what its owner set there. */
export interface App {
  clientId: string
  clientSecret: string
  /** Registered redirect URIs; null allows any. */
  redirectUris: string[] | null
  /** The listeners under User Management; null allows all. */
  allowed: string[] | null
  /** Every data call fails because its owner has no Premium. */
  premiumLapsed: boolean
  /** Spotify limits requests per app. */
  window: RateWindow
}

export type AppSettings = Partial<Omit<App, 'clientId' | 'window'>>

const DEFAULTS = { redirectUris: null, allowed: null, premiumLapsed: false }

/** The apps of the simulation: the first one from the start, others added by tests. */
export class Apps {
  readonly #apps = new Map<string, App>()
  readonly #first: { clientId: string; clientSecret: string }
  readonly #window: Window

  constructor(first: { clientId: string; clientSecret: string }, window: Window) {
    this.#first = first
    this.#window = window
    this.clear()
  }

  /** @param clientId undefined for the first app */
  find(clientId: string | undefined): App | undefined {
    return this.#apps.get(clientId ?? this.#first.clientId)
  }

  /** Adds or changes an app. @returns false if a new one has no secret */
  set(clientId: string, settings: AppSettings): boolean {
    const known = this.#apps.get(clientId)
    const clientSecret = settings.clientSecret ?? known?.clientSecret
    if (!clientSecret) return false
    const window = known?.window ?? new RateWindow(this.#window)
    this.#apps.set(clientId, { ...DEFAULTS, ...known, ...settings, clientId, clientSecret, window })
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
