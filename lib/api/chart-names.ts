/** Readable names of charts, from the names in Spotify's files. */

const KINDS: Record<string, string> = { regional: 'Top songs', viral: 'Viral songs' }

/** "Top songs, global, weekly" for "regional-global-weekly". Other names stay as they are. */
export function titleOfChart(chart: string): string {
  const [, kind = '', place = '', rhythm] = /^(regional|viral)-([a-z0-9-]+)-(daily|weekly)$/.exec(chart) ?? []
  return rhythm ? `${KINDS[kind]}, ${placeOf(place)}, ${rhythm}` : chart.replaceAll('-', ' ')
}

function placeOf(place: string): string {
  if (!/^[a-z]{2}$/.test(place)) return place
  return new Intl.DisplayNames('en', { type: 'region', fallback: 'code' }).of(place.toUpperCase()) ?? place
}

/** What a chart counts: "week" or "day". */
export const unitOfChart = (chart: string): 'week' | 'day' => (chart.endsWith('-weekly') ? 'week' : 'day')
