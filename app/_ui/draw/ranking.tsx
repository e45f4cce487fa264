import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount, formatTrackLength } from '#app/_ui/format.ts'
import { Movement, movementWords } from '#app/_ui/movement.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { RankingRow } from '#lib/charts/chart.ts'
import { nameOf } from './cells.ts'
import type { DrawingKind, TableColumn } from './drawing.ts'
import classes from './ranking.module.css'

const ROW_HEIGHT = 56

/** Places won since the list before; null is new in the list. */
function change(row: RankingRow): number | null {
  return row.previous_rank === null ? null : row.previous_rank - row.rank
}

/** On the first day there is no list before, and so nothing is new in this one. */
function hasListBefore(rows: RankingRow[]): boolean {
  return rows.some((row) => change(row) !== null)
}

function Name({ row }: { row: RankingRow }) {
  const { url } = row
  const name = nameOf(row)
  return url ? (
    <a href={url} target="_blank" rel="noreferrer" title={`${name} on Spotify`}>
      {name}
    </a>
  ) : (
    name
  )
}

/** A list by rank: movement, artwork, name, and a thin bar that grows shorter with the rank. */
function Ranking({ rows, limit }: { rows: RankingRow[]; limit: number }) {
  const isCompared = hasListBefore(rows)
  const shown = rows.slice(0, limit)
  return (
    <ol className={classes.list}>
      {shown.map((row, index) => {
        const { rank, artists, duration_ms: length } = row
        return (
          <li key={rank} className={classes.row}>
            <span className={classes.rank}>{rank}</span>
            <span className={classes.movement}>{isCompared && <Movement change={change(row)} />}</span>
            <Artwork src={row.artwork} name={nameOf(row)} />
            <span className={classes.words}>
              <span className={classes.name}>
                <Name row={row} />
              </span>
              {artists && <span className={classes.artists}>{artists}</span>}
            </span>
            <span className={classes.bar} aria-hidden="true">
              <span style={{ width: `${(100 * (shown.length - index)) / shown.length}%` }} />
            </span>
            {length != null && <span className={classes.length}>{formatTrackLength(length)}</span>}
          </li>
        )
      })}
    </ol>
  )
}

function summary(rows: RankingRow[]): string {
  const first = rows[0]
  if (!first) return ''
  const { artists } = first
  const newcomers = hasListBefore(rows) ? rows.filter((row) => change(row) === null).length : 0
  return `${formatCount(rows.length, 'place')}. Number 1 is ${nameOf(first)}${artists ? ` by ${artists}` : ''}. New in the list: ${newcomers}.`
}

function columns(rows: RankingRow[]): TableColumn<RankingRow>[] {
  const first = rows[0] ?? {}
  return [
    { head: 'Rank', numeric: true, cell: (row) => row.rank },
    ...(hasListBefore(rows) ? [{ head: 'Change', cell: (row: RankingRow) => movementWords(change(row)) }] : []),
    { head: 'Name', cell: (row) => <Name row={row} /> },
    ...('artists' in first ? [{ head: 'Artists', cell: (row: RankingRow) => row.artists ?? '' }] : []),
    ...('album' in first ? [{ head: 'Album', cell: (row: RankingRow) => row.album ?? '' }] : []),
  ]
}

export const ranking: DrawingKind<RankingRow> = {
  picture: (rows, limit) => <Ranking rows={rows} limit={limit} />,
  summary,
  columns,
  placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 10)} rowHeight={ROW_HEIGHT} />,
}
