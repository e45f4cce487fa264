import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount, formatNumber, listeningTime } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { MusicLink } from '#app/_ui/music-link.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { AnyDrawing, MusicListRow } from '#lib/charts/chart.ts'
import { nameOf } from './cells.ts'
import type { DrawingKind } from './drawing.ts'
import classes from './music-list.module.css'

type MusicList = Extract<AnyDrawing, { as: 'music list' }>
type Row = MusicListRow & Record<string, unknown>

const ROW_HEIGHT = 52

function Name({ row, draw }: { row: Row; draw: MusicList }) {
  return (
    <MusicLink kind={draw.links} id={String(row[draw.id])}>
      {nameOf(row)}
    </MusicLink>
  )
}

/** The album of a song, or the year and kind of an album. */
function detailOf({ album, album_type, release_date }: Row): string {
  if (album) return String(album)
  const year = release_date ? String(release_date).slice(0, 4) : null
  const kind = album_type && album_type !== 'album' ? String(album_type) : null
  return [year, kind].filter(Boolean).join(' · ')
}

function timeText(minutes: number): string {
  const { value, unit } = listeningTime(minutes)
  return `${value} ${unit}`
}

function List({ rows, draw }: { rows: Row[]; draw: MusicList }) {
  return (
    <ol className={classes.list}>
      {rows.map((row) => (
        <li key={String(row[draw.id])} className={classes.row}>
          <Artwork src={row.artwork} name={nameOf(row)} size={36} />
          <span className={classes.text}>
            <span className={classes.name}>
              <Name row={row} draw={draw} />
            </span>
            <span className={classes.album}>{detailOf(row)}</span>
          </span>
          <span className={classes.counts}>
            {row.plays > 0 ? formatCount(row.plays, 'play') : 'no plays'}
            <span className={classes.detail}>{row.plays > 0 && timeText(row.minutes)}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}

/** Songs or albums with the listener's plays of them. */
export function musicList(draw: MusicList): DrawingKind<Row> {
  return {
    picture: (rows, limit) => <List rows={rows.slice(0, limit)} draw={draw} />,
    summary: (rows) =>
      `${formatCount(rows.length, 'entry', 'entries')}, ${formatNumber(rows.filter(({ plays }) => plays > 0).length)} with plays.`,
    columns: () => [
      { header: 'Name', cell: (row) => <Name row={row} draw={draw} /> },
      { header: draw.links === 'tracks' ? 'Album' : 'Released', cell: detailOf },
      { header: 'Plays', numeric: true, cell: (row) => formatNumber(row.plays) },
      { header: 'Listened', numeric: true, cell: (row) => timeText(row.minutes) },
      { header: 'Last played', cell: (row) => row.last_played && <Moment at={row.last_played} /> },
    ],
    placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 10)} rowHeight={ROW_HEIGHT} />,
  }
}
