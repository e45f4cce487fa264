import type { Drawing } from '../../../lib/charts/chart.ts'
import { Artwork } from '../artwork.tsx'
import { formatCount, formatTrackLength } from '../format.ts'
import { Movement, movementWords } from '../movement.tsx'
import { type ChartRow, number, optionalNumber, optionalText, text } from './cells.ts'
import type { DrawingKind, TableColumn } from './drawing.ts'
import classes from './ranking.module.css'

const ROW_HEIGHT = 56

function change(row: ChartRow): number | null {
  const before = optionalNumber(row, 'previous_rank')
  return before === null ? null : before - number(row, 'rank')
}

function Name({ row }: { row: ChartRow }) {
  const url = optionalText(row, 'url')
  const name = text(row, 'name')
  return url ? (
    <a href={url} target="_blank" rel="noreferrer" title={`${name} on Spotify`}>
      {name}
    </a>
  ) : (
    name
  )
}

/** A list by rank: movement, artwork, name, and a thin bar that grows shorter with the rank. */
function Ranking({ rows, total }: { rows: ChartRow[]; total: number }) {
  return (
    <ol className={classes.list}>
      {rows.map((row) => {
        const rank = number(row, 'rank')
        const artists = optionalText(row, 'artists')
        const length = optionalNumber(row, 'duration_ms')
        return (
          <li key={rank} className={classes.row}>
            <span className={classes.rank}>{rank}</span>
            <span className={classes.movement}>
              <Movement change={change(row)} />
            </span>
            <Artwork src={optionalText(row, 'artwork')} name={text(row, 'name')} />
            <span className={classes.words}>
              <span className={classes.name}>
                <Name row={row} />
              </span>
              {artists && <span className={classes.artists}>{artists}</span>}
            </span>
            <span className={classes.bar} aria-hidden="true">
              <span style={{ width: `${(100 * Math.max(total - rank + 1, 1)) / total}%` }} />
            </span>
            {length !== null && <span className={classes.length}>{formatTrackLength(length)}</span>}
          </li>
        )
      })}
    </ol>
  )
}

function summary(rows: ChartRow[], unit: string): string {
  const first = rows[0]
  if (!first) return ''
  const artists = optionalText(first, 'artists')
  const isNew = rows.filter((row) => change(row) === null).length
  return `${formatCount(rows.length, 'place')} of ${unit}. Number 1 is ${text(first, 'name')}${artists ? ` by ${artists}` : ''}. New in the list: ${isNew}.`
}

function columns(rows: ChartRow[]): TableColumn[] {
  const first = rows[0] ?? {}
  return [
    { head: 'Rank', numeric: true, cell: (row) => number(row, 'rank') },
    { head: 'Change', cell: (row) => movementWords(change(row)) },
    { head: 'Name', cell: (row) => <Name row={row} /> },
    ...('artists' in first ? [{ head: 'Artists', cell: (row: ChartRow) => text(row, 'artists') }] : []),
    ...('album' in first ? [{ head: 'Album', cell: (row: ChartRow) => optionalText(row, 'album') ?? '' }] : []),
  ]
}

export function ranking({ unit }: Extract<Drawing, { as: 'ranking' }>): DrawingKind {
  return {
    picture: (rows, limit) => <Ranking rows={rows.slice(0, limit)} total={rows.length} />,
    summary: (rows) => summary(rows, unit),
    columns,
    height: (limit) => ROW_HEIGHT * Math.min(limit, 10),
  }
}
