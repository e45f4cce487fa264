import type { z } from 'zod'
import type { Artist } from '#lib/spotify/objects.ts'
import { type ColumnSet, text } from './columns.ts'

type Images = z.infer<typeof Artist>['images']

const SMALL_PX = 300

/** The largest image, and one for lists: the largest up to 300 px, otherwise the smallest. */
export function pictureColumns<Item>(prefix: string, images: (item: Item) => Images): ColumnSet<Item> {
  return {
    [`${prefix}image_url`]: text((item) => bySize(images(item))[0]?.url),
    [`${prefix}image_small_url`]: text((item) => small(images(item))?.url),
  }
}

/** Widest first. Without sizes this keeps Spotify's order, which is usually widest first too. */
function bySize(images: Images) {
  return (images ?? []).flatMap((image) => (image?.url ? [image] : [])).sort((a, b) => (b.width ?? 0) - (a.width ?? 0))
}

function small(images: Images) {
  const sorted = bySize(images)
  return sorted.find(({ width }) => width && width <= SMALL_PX) ?? sorted.at(-1)
}
