import { createCatalog } from '#simulator/catalog/catalog.ts'
import { BoundedMap } from '#simulator/core/bounded-map.ts'
import { findListener, type Listener } from './listeners.ts'
import type { Music } from './music.ts'
import { createOddMusic } from './odd-music.ts'
import { createQuietMusic } from './quiet-music.ts'
import { createRegularMusic } from './regular-music.ts'

/** Load tests use many listeners; the others are computed again when needed. */
const MAX_CACHED_LISTENERS = 64

/** The listeners and music of one seed. */
export function createSimulation(seed: number) {
  const catalog = createCatalog(seed)
  const cached = new BoundedMap<string, Music>(MAX_CACHED_LISTENERS)

  function make(listener: Listener): Music {
    const { life } = listener
    if (life.kind === 'quiet') return createQuietMusic(catalog, listener.id)
    if (life.kind === 'odd') return createOddMusic(catalog, listener.id)
    return createRegularMusic(catalog, listener, life)
  }

  return {
    catalog,
    listener: findListener,
    music: (listener: Listener): Music => cached.getOrMake(listener.id, () => make(listener)),
  }
}

export type Simulation = ReturnType<typeof createSimulation>
