import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import type { GenreSourceRow } from '#lib/charts/chart.ts'
import type { DrawingKind } from './drawing.ts'
import classes from './genre-sources.module.css'

type Row = GenreSourceRow & Record<string, unknown>

const LABELS: Record<string, string> = {
  own: 'Your own',
  spotify: 'Spotify',
  musicbrainz: 'MusicBrainz',
  none: 'No genre',
}

const HEIGHT = 104

const labelOf = ({ source }: Row) => LABELS[source] ?? source

/** Percent of plays that have a genre. Only all plays round to 100, and only none to 0. */
function coveredPercent(rows: Row[]): number {
  const all = rows.reduce((sum, { plays }) => sum + plays, 0)
  const named = rows.reduce((sum, { source, plays }) => sum + (source === 'none' ? 0 : plays), 0)
  if (named === 0 || named === all) return named === 0 ? 0 : 100
  return Math.min(99, Math.max(1, Math.round((100 * named) / all)))
}

/** The sentence about all plays of the period. */
const coverageText = (rows: Row[]) => `${coveredPercent(rows)}% of your plays have a genre.`

/** One bar of all plays, divided by who names their genres. */
export const genreSources: DrawingKind<Row> = {
  picture: (rows) => (
    <div className={classes.sources}>
      <p className={classes.covered}>{coverageText(rows)}</p>
      <div className={classes.track} aria-hidden="true">
        {rows.map((row) => (
          <span key={row.source} className={classes.part} data-source={row.source} style={{ flexGrow: row.plays }} />
        ))}
      </div>
      <ul className={classes.legend}>
        {rows.map((row) => (
          <li key={row.source}>
            <span className={classes.key} data-source={row.source} aria-hidden="true" />
            {labelOf(row)}: {formatCount(row.plays, 'play')} of {formatCount(row.artists, 'artist')}
          </li>
        ))}
      </ul>
    </div>
  ),
  summary: coverageText,
  columns: () => [
    { header: 'Genres from', cell: labelOf },
    { header: 'Artists', numeric: true, cell: ({ artists }) => formatNumber(artists) },
    { header: 'Plays', numeric: true, cell: ({ plays }) => formatNumber(plays) },
    { header: 'Share', numeric: true, cell: ({ share }) => `${share} %` },
  ],
  placeholder: () => <Placeholder height={HEIGHT} />,
}
