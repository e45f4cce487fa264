import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount, formatTrackLength } from '#app/_ui/format.ts'
import { Movement, movementWords } from '#app/_ui/movement.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import { type ChartRow, nameOf, number, optionalNumber, optionalText } from './cells.ts'
import type { DrawingKind, TableColumn } from './drawing.ts'
import classes from './ranking.module.css'

const ROW_HEIGHT = 56

/** Places won since the list before; null is new in the list. */
function change(row: ChartRow): number | null {
  const before = optionalNumber(row, 'previous_rank')
  return before === null ? null : before - number(row, 'rank')
}

/** On the first day there is no list before, and so nothing is new in this one. */
function hasListBefore(rows: ChartRow[]): boolean {
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

/** A list by rank: movement, artwork, name, and a thin bar that grows shorter with the rank. */
function Ranking({ rows, limit }: { rows: ChartRow[]; limit: number }) {
  const isCompared = hasListBefore(rows)
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
            <span className={classes.words}>
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
  const newcomers = hasListBefore(rows) ? rows.filter((row) => change(row) === null).length : 0
  return `${formatCount(rows.length, 'place')}. Number 1 is ${nameOf(first)}${artists ? ` by ${artists}` : ''}. New in the list: ${newcomers}.`
}

function columns(rows: ChartRow[]): TableColumn[] {
  const first = rows[0] ?? {}
  return [
    { head: 'Rank', numeric: true, cell: (row) => number(row, 'rank') },
    ...(hasListBefore(rows) ? [{ head: 'Change', cell: (row: ChartRow) => movementWords(change(row)) }] : []),
    { head: 'Name', cell: (row) => <Name row={row} /> },
    ...('artists' in first ? [{ head: 'Artists', cell: (row: ChartRow) => optionalText(row, 'artists') ?? '' }] : []),
    ...('album' in first ? [{ head: 'Album', cell: (row: ChartRow) => optionalText(row, 'album') ?? '' }] : []),
  ]
}

export const ranking: DrawingKind = {
  picture: (rows, limit) => <Ranking rows={rows} limit={limit} />,
  summary,
  columns,
  placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 10)} rowHeight={ROW_HEIGHT} />,
}
