import type { Clock } from '#lib/core/clock.ts'
import type { Listener } from '#simulator/music/listeners.ts'
import type { Music } from '#simulator/music/music.ts'
import { createSimulation, type Simulation } from '#simulator/music/simulation.ts'
import { Apps } from './apps.ts'
import { Changes } from './changes.ts'
import { Consents } from './consents.ts'
import { FaultQueue } from './faults.ts'
import type { Window } from './rate-window.ts'
import { Stats } from './stats.ts'

/** Lasting problems that tests switch on; none at the start. */
interface Conditions {
  /** Every data call fails because the app's owner has no Premium. */
  premiumLapsed: boolean
  /** The token endpoint refuses the client secret. */
  wrongSecret: boolean
  /** Playlists use `tracks` and `track`, as before February 2026. */
  oldShapes: boolean
  /** Every refresh returns a new refresh token and invalidates the old one. */
  rotation: boolean
}

const HEALTHY: Conditions = { premiumLapsed: false, wrongSecret: false, oldShapes: false, rotation: false }

interface Options {
  seed: number
  clock: Clock
  latencyMs: number
  window: Window
  /** The app that exists from the start. */
  app: { clientId: string; clientSecret: string }
}

/** Everything that tests can change in a running simulation. */
export class World {
  readonly simulation: Simulation
  readonly faults = new FaultQueue()
  readonly consents = new Consents()
  readonly stats = new Stats()
  readonly conditions: Conditions = { ...HEALTHY }
  readonly changes: Changes
  readonly apps: Apps
  latencyMs: number
  readonly #start: Options
  /** The simulated clock minus the real one. */
  #offsetMs = 0

  constructor(start: Options) {
    this.#start = start
    this.simulation = createSimulation(start.seed)
    this.changes = new Changes(this.simulation.catalog)
    this.apps = new Apps(start.app, start.window)
    this.latencyMs = start.latencyMs
  }

  /** Milliseconds since 1970 on the simulated clock. */
  now(): number {
    return this.#start.clock().getTime() + this.#offsetMs
  }

  /** A listener's music, without the changes of tests. */
  musicOf(listener: Listener): Music {
    return this.simulation.music(listener, this.consents.firstUsed(listener.id) ?? this.now())
  }

  setClock(instant: number): void {
    this.#offsetMs = instant - this.#start.clock().getTime()
  }

  followRealClock(): void {
    this.#offsetMs = 0
  }

  reset(): void {
    this.followRealClock()
    this.latencyMs = this.#start.latencyMs
    this.apps.clear()
    this.faults.clear()
    this.consents.clear()
    this.changes.clear()
    this.stats.reset()
    Object.assign(this.conditions, HEALTHY)
  }
}
