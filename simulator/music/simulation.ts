import { BoundedMap } from '#simulator/core/bounded-map.ts'
import { createCatalogue } from '#simulator/catalogue/catalogue.ts'
import { findListener, type Listener } from './listeners.ts'
import type { Music } from './music.ts'
import { createOddMusic } from './odd-music.ts'
import { createQuietMusic } from './quiet-music.ts'
import { createRegularMusic } from './regular-music.ts'

/** A load test asks for many listeners in turn; those who are forgotten here are worked out again. */
const LISTENERS_REMEMBERED = 64

/** The invented world of one seed. */
export function createSimulation(seed: number) {
  const catalogue = createCatalogue(seed)
  const remembered = new BoundedMap<string, Music>(LISTENERS_REMEMBERED)

  function make(listener: Listener): Music {
    const { life } = listener
    if (life.kind === 'quiet') return createQuietMusic(catalogue, listener.id)
    if (life.kind === 'odd') return createOddMusic(catalogue, listener.id)
    return createRegularMusic(catalogue, listener, life)
  }

  return {
    catalogue,
    listener: findListener,
    music: (listener: Listener): Music => remembered.getOrMake(listener.id, () => make(listener)),
  }
}

export type Simulation = ReturnType<typeof createSimulation>
