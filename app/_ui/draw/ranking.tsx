import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount, formatTrackLength } from '#app/_ui/format.ts'
import { formatMovement, Movement } from '#app/_ui/movement.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import { type ChartRow, nameOf, number, optionalNumber, optionalText } from './cells.ts'
import type { DrawingKind, TableColumn } from './drawing.ts'
import classes from './ranking.module.css'

const ROW_HEIGHT = 56

/** Rank change since the previous list; null is a new entry. */
function change(row: ChartRow): number | null {
  const before = optionalNumber(row, 'previous_rank')
  return before === null ? null : before - number(row, 'rank')
}

/** False on the first day, when there is no previous list to compare with. */
function hasPreviousList(rows: ChartRow[]): boolean {
  return rows.some((row) => change(row) !== null)
}

function Name({ row }: { row: ChartRow }) {
  const url = optionalText(row, 'url')
  const name = nameOf(row)
  return url ? (
    <a href={url} target="_blank" rel="noreferrer" title={`${name} on Spotify`}>
      {name}
    </a>
  ) : (
    name
  )
}

/** A ranked list: movement, artwork, name, and a thin bar that shrinks with the rank. */
function Ranking({ rows, limit }: { rows: ChartRow[]; limit: number }) {
  const isCompared = hasPreviousList(rows)
  const shown = rows.slice(0, limit)
  return (
    <ol className={classes.list}>
      {shown.map((row, index) => {
        const rank = number(row, 'rank')
        const artists = optionalText(row, 'artists')
        const length = optionalNumber(row, 'duration_ms')
        return (
          <li key={rank} className={classes.row}>
            <span className={classes.rank}>{rank}</span>
            <span className={classes.movement}>{isCompared && <Movement change={change(row)} />}</span>
            <Artwork src={optionalText(row, 'artwork')} name={nameOf(row)} />
            <span className={classes.text}>
              <span className={classes.name}>
                <Name row={row} />
              </span>
              {artists && <span className={classes.artists}>{artists}</span>}
            </span>
            <span className={classes.bar} aria-hidden="true">
              <span style={{ width: `${(100 * (shown.length - index)) / shown.length}%` }} />
            </span>
            {length !== null && <span className={classes.length}>{formatTrackLength(length)}</span>}
          </li>
        )
      })}
    </ol>
  )
}

function summary(rows: ChartRow[]): string {
  const first = rows[0]
  if (!first) return ''
  const artists = optionalText(first, 'artists')
  const newEntries = hasPreviousList(rows) ? rows.filter((row) => change(row) === null).length : 0
  return `${formatCount(rows.length, 'entry', 'entries')}. Number 1 is ${nameOf(first)}${artists ? ` by ${artists}` : ''}. New entries: ${newEntries}.`
}

function columns(rows: ChartRow[]): TableColumn[] {
  const first = rows[0] ?? {}
  return [
    { header: 'Rank', numeric: true, cell: (row) => number(row, 'rank') },
    ...(hasPreviousList(rows) ? [{ header: 'Change', cell: (row: ChartRow) => formatMovement(change(row)) }] : []),
    { header: 'Name', cell: (row) => <Name row={row} /> },
    ...('artists' in first ? [{ header: 'Artists', cell: (row: ChartRow) => optionalText(row, 'artists') ?? '' }] : []),
    ...('album' in first ? [{ header: 'Album', cell: (row: ChartRow) => optionalText(row, 'album') ?? '' }] : []),
  ]
}

export const ranking: DrawingKind = {
  picture: (rows, limit) => <Ranking rows={rows} limit={limit} />,
  summary,
  columns,
  placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 10)} rowHeight={ROW_HEIGHT} />,
}
