import type { z } from 'zod'
import type { Artist } from '#lib/spotify/objects.ts'
import { type ColumnSet, text } from './columns.ts'

type Images = z.infer<typeof Artist>['images']

const SMALL_PX = 300

/** Largest picture and one for lists: the largest of at most 300 px, else the smallest there is. */
export function pictureColumns<Item>(prefix: string, images: (item: Item) => Images): ColumnSet<Item> {
  return {
    [`${prefix}image_url`]: text((item) => bySize(images(item))[0]?.url),
    [`${prefix}image_small_url`]: text((item) => small(images(item))?.url),
  }
}

/** Widest first. Spotify's order stays where it tells no sizes; it gives the widest first as well. */
function bySize(images: Images) {
  return (images ?? []).filter(({ url }) => url).sort((a, b) => (b.width ?? 0) - (a.width ?? 0))
}

function small(images: Images) {
  const sorted = bySize(images)
  return sorted.find(({ width }) => width && width <= SMALL_PX) ?? sorted.at(-1)
}
