import { useSearchParams } from 'next/navigation'
import type { CSSProperties } from 'react'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { formatMovement, Movement } from '#app/_ui/movement.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { GenreRow } from '#lib/charts/chart.ts'
import { PERIOD_PARAMS } from '#lib/core/period.ts'
import type { DrawingKind } from './drawing.ts'
import classes from './own-ranking.module.css'
import { minutesText, shareText } from './own-ranking.tsx'

type Row = GenreRow & Record<string, unknown>

const ROW_HEIGHT = 56

const isCompared = (rows: Row[]) => rows.some(({ previous_rank }) => previous_rank !== null)

/** Rank change against the compared period; null is a new entry. */
function change({ rank, previous_rank: before }: Row): number | null {
  return before === null ? null : before - rank
}

/** Leads to the artists of a genre, in the period of the page. */
function GenreLink({ genre }: { genre: string }) {
  const searchParams = useSearchParams()
  const params = new URLSearchParams({ genre })
  for (const name of PERIOD_PARAMS) {
    const value = searchParams.get(name)
    if (value) params.set(name, value)
  }
  return <Link href={`/top/artists?${params}`}>{genre}</Link>
}

/** Genres with movement, their most played artists, and a bar as long as the share of the most played one. */
function Ranking({ rows, limit }: { rows: Row[]; limit: number }) {
  const compared = isCompared(rows)
  const most = Math.max(...rows.map(({ plays }) => plays))
  return (
    <ol className={classes.list}>
      {rows.slice(0, limit).map((row) => (
        <li
          key={row.genre}
          className={classes.row}
          style={{ '--length': `${(100 * row.plays) / most}%` } as CSSProperties}
        >
          <span className={classes.rank}>{row.rank}</span>
          {compared && (
            <span className={classes.movement}>
              <Movement change={change(row)} />
            </span>
          )}
          <span className={classes.text}>
            <span className={classes.name} dir="auto">
              <GenreLink genre={row.genre} />
            </span>
            <span className={classes.artists} dir="auto">
              {row.artists}
              {row.artist_count > 3 && ` and ${formatNumber(row.artist_count - 3)} more`}
            </span>
          </span>
          <span className={classes.bar}>
            <span className={classes.filled} aria-hidden="true" />
            <span className={classes.share}>{shareText(row.share)}</span>
          </span>
          <span className={classes.counts}>
            <span>{formatCount(row.plays, 'play')}</span>
            <span className={classes.minutes}>{minutesText(row.minutes)}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}

/** Genres ranked by the listener's own plays. */
export const genreRanking: DrawingKind<Row> = {
  picture: (rows, limit) => <Ranking rows={rows} limit={limit} />,
  summary([first]) {
    return first ? `Number 1 is ${first.genre} with ${formatCount(first.plays, 'play')}.` : ''
  },
  columns: (rows) => [
    { header: 'Rank', numeric: true, cell: ({ rank }) => rank },
    ...(isCompared(rows) ? [{ header: 'Change', cell: (row: Row) => formatMovement(change(row)) }] : []),
    { header: 'Genre', cell: ({ genre }) => <GenreLink genre={genre} /> },
    { header: 'Artists', numeric: true, cell: ({ artist_count }) => formatNumber(artist_count) },
    { header: 'Plays', numeric: true, cell: ({ plays }) => formatNumber(plays) },
    { header: 'Minutes', numeric: true, cell: ({ minutes }) => formatNumber(minutes) },
    { header: 'Share', numeric: true, cell: ({ share }) => `${share} %` },
  ],
  placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 10)} rowHeight={ROW_HEIGHT} />,
}
