import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount, formatDate, formatNumber } from '#app/_ui/format.ts'
import { useZone } from '#app/_ui/me.tsx'
import { MusicLink } from '#app/_ui/music-link.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { AnyDrawing, SavedRow } from '#lib/charts/chart.ts'
import { nameOf } from './cells.ts'
import type { DrawingKind, TableColumn } from './drawing.ts'
import classes from './saved-list.module.css'

type SavedList = Extract<AnyDrawing, { as: 'saved list' }>
type Row = SavedRow & Record<string, unknown>

const ROW_HEIGHT = 56

/** A date in the listener's zone. */
export function DateOf({ at }: { at: string }) {
  const zone = useZone()
  return (
    <time dateTime={at} suppressHydrationWarning>
      {formatDate(at, zone)}
    </time>
  )
}

/** Says that a row is there although Spotify doesn't show its content now. */
export function WithheldNote() {
  return (
    <span className={classes.note} title="Spotify lists it but doesn’t show it at the moment, so it stays as it was.">
      unavailable
    </span>
  )
}

function Name({ row, draw }: { row: Row; draw: SavedList }) {
  return (
    <MusicLink kind={draw.links} id={String(row[draw.id])}>
      {nameOf(row)}
    </MusicLink>
  )
}

const playsText = ({ plays }: Row) => (plays === null ? '' : plays === 0 ? 'no plays' : formatCount(plays, 'play'))

function List({ rows, draw }: { rows: Row[]; draw: SavedList }) {
  return (
    <ol className={classes.list}>
      {rows.map((row) => (
        <li key={String(row[draw.id])} className={classes.row}>
          <Artwork src={row.artwork} name={nameOf(row)} />
          <span className={classes.text}>
            <span className={classes.name}>
              <Name row={row} draw={draw} />
              {row.withheld && <WithheldNote />}
            </span>
            {row.artists && (
              <span className={classes.dimmed}>
                <MusicLink kind="artists" id={row.artist_id ?? null}>
                  {row.artists}
                </MusicLink>
              </span>
            )}
          </span>
          <span className={classes.album}>
            {row.album ? (
              <MusicLink kind="albums" id={row.album_id ?? null}>
                {row.album}
              </MusicLink>
            ) : (
              row.release_date?.slice(0, 4)
            )}
          </span>
          <span className={classes.plays} data-none={!row.plays}>
            {playsText(row)}
          </span>
          <span className={classes.added}>{row.added_at && <DateOf at={row.added_at} />}</span>
        </li>
      ))}
    </ol>
  )
}

/** What the listener saved, with their own plays of it. */
export function savedList(draw: SavedList): DrawingKind<Row> {
  return {
    picture: (rows, limit) => <List rows={rows.slice(0, limit)} draw={draw} />,
    summary: (rows) => `${formatNumber(rows.length)} of ${formatNumber(rows[0]?.found ?? 0)} are listed.`,
    columns: (rows): TableColumn<Row>[] => [
      { header: 'Name', cell: (row) => <Name row={row} draw={draw} /> },
      ...(rows.some(({ artists }) => artists) ? [{ header: 'Artists', cell: (row: Row) => row.artists ?? '' }] : []),
      ...(rows.some(({ album }) => album) ? [{ header: 'Album', cell: (row: Row) => row.album ?? '' }] : []),
      ...(rows.some(({ release_date }) => release_date)
        ? [{ header: 'Released', cell: (row: Row) => row.release_date ?? '' }]
        : []),
      { header: 'Plays', numeric: true, cell: ({ plays }) => (plays === null ? '' : formatNumber(plays)) },
      ...(rows.some(({ added_at }) => added_at)
        ? [{ header: 'Added', cell: ({ added_at }: Row) => added_at && <DateOf at={added_at} /> }]
        : []),
    ],
    placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 20)} rowHeight={ROW_HEIGHT} />,
  }
}
