import type { Clock } from '#lib/core/clock.ts'
import { Apps } from './apps.ts'
import { Changes } from './changes.ts'
import { HEALTHY, type Conditions, Consents } from './conditions.ts'
import { FaultQueue } from './faults.ts'
import type { Window } from './rate-window.ts'
import { createSimulation, type Simulation } from '#simulator/music/simulation.ts'
import { Stats } from './stats.ts'

interface Options {
  seed: number
  clock: Clock
  latencyMs: number
  window: Window
  /** The app that is there from the start. */
  app: { clientId: string; clientSecret: string }
}

/** Everything about a running simulation that can be changed from outside. */
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
  /** How far the clock of the simulation is from the real one. */
  #offsetMs = 0

  constructor(start: Options) {
    this.#start = start
    this.simulation = createSimulation(start.seed)
    this.changes = new Changes(this.simulation.catalogue)
    this.apps = new Apps(start.app, start.window)
    this.latencyMs = start.latencyMs
  }

  /** Milliseconds since 1970 on the clock of the simulation. */
  now(): number {
    return this.#start.clock().getTime() + this.#offsetMs
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
