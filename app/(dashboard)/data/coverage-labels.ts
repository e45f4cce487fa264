import { formatCount, formatDays } from '#app/_ui/format.ts'
import type { CoverageHole } from '#lib/api/client.ts'
import type { CoverageState, HoleCause, SpotifyExport } from '#lib/api/lists.ts'
import { DAY, HOUR, MINUTE } from '#lib/core/durations.ts'
import { dayIn } from '#lib/core/period.ts'

/** How each state is drawn, in the order of the legend. `kind` is a style of the heatmap. */
export const STATES: Record<CoverageState, { kind: string; label: string; sign?: string }> = {
  covered: { kind: 'covered', label: 'covered' },
  'nothing heard': { kind: 'silent', label: 'nothing heard' },
  'likely hole': { kind: 'hole', label: 'likely hole', sign: '!' },
  'import only': { kind: 'import', label: 'only from another tracker', sign: '○' },
  'before the first data': { kind: 'before', label: 'before your first data' },
  'not synced yet': { kind: 'later', label: 'not synced yet', sign: '…' },
}

const WHY: Record<HoleCause, string> = {
  'missed plays': 'Spotify only returns the last 50 plays.',
  'not synced': 'nothing was synced then, and no import covers it.',
  'import only': 'the only source is another tracker, which may have missed some.',
}

/** The names that Spotify gives its exports, and what they hold. */
export const EXPORTS: Record<SpotifyExport, { title: string; holds: string }> = {
  'spotify-account': { title: 'Account data', holds: 'the last 12 months, usually within days' },
  'spotify-extended': { title: 'Extended streaming history', holds: 'everything, within 30 days' },
}

/** "About 3 hours". A hole of which only days are known by heart is counted in days, months or years. */
function formatLength(milliseconds: number): string {
  if (milliseconds < HOUR) return `About ${formatCount(Math.max(1, Math.round(milliseconds / MINUTE)), 'minute')}`
  if (milliseconds < 2 * DAY) return `About ${formatCount(Math.round(milliseconds / HOUR), 'hour')}`
  const days = Math.round(milliseconds / DAY)
  if (days < 60) return `About ${formatCount(days, 'day')}`
  return days < 730
    ? `About ${formatCount(Math.round(days / 30.44), 'month')}`
    : `About ${formatCount(Math.round(days / 365.25), 'year')}`
}

/** A hole as a sentence: "About 3 hours on 12 May 2026 are missing: Spotify only returns the last 50 plays." */
export function holeSentence({ from, to, cause }: CoverageHole, zone: string): { what: string; why: string } {
  const days = { from: dayIn(zone, new Date(from)), to: dayIn(zone, new Date(Date.parse(to) - 1)) }
  const length = formatLength(Date.parse(to) - Date.parse(from))
  const what = days.from === days.to ? `${length} on ${formatDays(days)}` : `${length}, ${formatDays(days)},`
  const are = length.startsWith('About 1 ') ? 'is' : 'are'
  return { what: `${what} ${are} ${cause === 'import only' ? 'incomplete' : 'missing'}:`, why: WHY[cause] }
}
