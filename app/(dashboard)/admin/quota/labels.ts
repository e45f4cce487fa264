import { formatCount, formatNumber } from '#app/_ui/format.ts'
import type { StatusKind } from '#app/_ui/status-icon.tsx'
import type { QuotaGroup } from '#lib/api/admin.ts'

/** Names of the endpoint groups. */
const GROUP_LABELS: Record<string, string> = {
  player: 'Recently played',
  top: 'Top songs and artists',
  library: 'Liked songs, albums, followed artists',
  playlists: 'Playlists',
  'playlist items': 'Songs in playlists',
  catalogue: 'Single songs, albums, artists',
  account: 'Account',
}

export function groupLabel(group: string): string {
  return GROUP_LABELS[group] ?? group
}

/** The current status of a group, and until when it lasts. */
export function groupStatus({ blockedUntil, heldUntil, heldBy, fits, spentAt }: QuotaGroup): {
  kind: StatusKind
  label: string
  until: string | null
} {
  if (blockedUntil) return { kind: 'bad', label: 'blocked by Spotify', until: blockedUntil }
  if (heldUntil && heldBy === 'reserve')
    return { kind: 'waiting', label: 'reserved for recently played', until: heldUntil }
  if (heldUntil) return { kind: 'waiting', label: 'waiting at the limit', until: heldUntil }
  if (!fits) return { kind: 'warning', label: 'schedule too large', until: null }
  if (spentAt) return { kind: 'warning', label: 'close to the limit', until: null }
  return { kind: 'good', label: 'available', until: null }
}

/** Whether a day's schedule fits the limit. */
export function formatPlan({ planned, limit, isKnown, fits }: QuotaGroup): string {
  if (planned === 0) return 'Nothing is scheduled.'
  const day = `A day’s schedule needs about ${formatCount(planned, 'request')}`
  if (fits) return `${day}, which fits the limit.`
  return `${day}, but the ${isKnown ? '' : 'estimated '}limit is ${formatNumber(limit)}.`
}
