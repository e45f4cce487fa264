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

  function make(listener: Listener, since: number): Music {
    const { life } = listener
    if (life.kind === 'quiet') return createQuietMusic(catalog, listener.id, since)
    if (life.kind === 'odd') return createOddMusic(catalog, listener.id, life.isForTests)
    return createRegularMusic(catalog, listener, life)
  }

  return {
    catalog,
    listener: findListener,
    /** @param since when the listener consented, which matters only to one who has just started; ms */
    music(listener: Listener, since: number): Music {
      const name = listener.life.kind === 'quiet' ? `${listener.id} ${since}` : listener.id
      return cached.getOrMake(name, () => make(listener, since))
    },
  }
}

export type Simulation = ReturnType<typeof createSimulation>
