import { formatCount, formatNumber } from '#app/_ui/format.ts'
import type { MarkLook } from '#app/_ui/mark.tsx'
import type { QuotaGroup } from '#lib/api/admin.ts'

/** What the addresses of a group are about. */
const GROUPS: Record<string, string> = {
  player: 'Recently played',
  top: 'Top lists',
  library: 'Liked songs, albums, followed artists',
  playlists: 'Playlists',
  'playlist items': 'Songs of playlists',
  catalogue: 'Single songs, albums, artists',
  account: 'Account',
}

export function groupTitle(group: string): string {
  return GROUPS[group] ?? group
}

/** How a group stands right now, and until when. */
export function stateOf({ blockedUntil, heldUntil, heldBy, used, limit }: QuotaGroup): {
  look: MarkLook
  word: string
  until: string | null
} {
  if (blockedUntil) return { look: 'bad', word: 'blocked by Spotify', until: blockedUntil }
  if (heldUntil && heldBy === 'reserve')
    return { look: 'waiting', word: 'leaves the rest to recently played', until: heldUntil }
  if (heldUntil) return { look: 'waiting', word: 'waits at the limit', until: heldUntil }
  if (used > 0.8 * limit) return { look: 'warning', word: 'comes near the limit', until: null }
  return { look: 'good', word: 'free', until: null }
}

/** Whether a day as planned has room. */
export function planWords({ planned, limit, isKnown, fits }: QuotaGroup): string {
  if (planned === 0) return 'Nothing is planned.'
  const day = `A day as planned needs about ${formatCount(planned, 'request')}`
  if (fits) return `${day}: it fits.`
  return `${day}, of ${formatNumber(limit)}: ${isKnown ? 'it does not fit' : 'it may not fit'}.`
}
