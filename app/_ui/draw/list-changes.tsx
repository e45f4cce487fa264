import { formatCount, formatLongDay, formatNumber } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { useZone } from '#app/_ui/me.tsx'
import { MusicLink } from '#app/_ui/music-link.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { ListChangeRow } from '#lib/charts/chart.ts'
import { dayIn } from '#lib/core/period.ts'
import { nameOf } from './cells.ts'
import type { DrawingKind } from './drawing.ts'
import classes from './list-changes.module.css'
import { DateOf } from './saved-list.tsx'

const ROW_HEIGHT = 44

const NOUNS: Record<ListChangeRow['item_type'], string> = {
  tracks: 'song',
  albums: 'album',
  artists: 'artist',
  playlists: 'playlist',
}

/** What the first read found: everything, so none of it is a change. */
const firstText = ({ entries, item_type }: ListChangeRow) =>
  `First synced with ${formatCount(entries, NOUNS[item_type])}. Changes since then are recorded here.`

function Item({ row }: { row: ListChangeRow }) {
  if (row.item_type !== 'playlists') {
    return (
      <MusicLink kind={row.item_type} id={row.item_id}>
        {nameOf(row)}
      </MusicLink>
    )
  }
  return row.change === 'removed' ? (
    nameOf(row)
  ) : (
    <Link href={`/playlists/${encodeURIComponent(row.item_id ?? '')}`}>{nameOf(row)}</Link>
  )
}

/** Where a song was added or removed: the artists, and the playlist if it isn't the page's own. */
function Detail({ row }: { row: ListChangeRow }) {
  if (row.item_type === 'playlists') return 'Playlist'
  const times = row.entries > 1 ? `${formatNumber(row.entries)} times` : ''
  const inPlaylist = row.playlist && row.playlist_id && (
    <Link href={`/playlists/${encodeURIComponent(row.playlist_id)}`}>{row.playlist}</Link>
  )
  return (
    <>
      {[row.artists, times].filter(Boolean).join(' · ')}
      {inPlaylist && <> · {inPlaylist}</>}
    </>
  )
}

function Change({ row }: { row: ListChangeRow }) {
  if (row.change === 'first') return <li className={classes.first}>{firstText(row)}</li>
  return (
    <li className={classes.row} data-change={row.change}>
      <span className={classes.sign} role="img" aria-label={row.change} title={row.change}>
        {row.change === 'added' ? '+' : '−'}
      </span>
      <span className={classes.text}>
        <span className={classes.name}>
          <Item row={row} />
        </span>
        <span className={classes.dimmed}>
          <Detail row={row} />
        </span>
      </span>
    </li>
  )
}

/** Changes under the days on which they were seen, in the listener's zone. */
function Days({ rows }: { rows: ListChangeRow[] }) {
  const zone = useZone()
  const days = Map.groupBy(rows, ({ seen_at }) => dayIn(zone, new Date(seen_at)))
  return [...days].map(([day, changes]) => (
    <section key={day} className={classes.day} aria-label={formatLongDay(day)}>
      <h3 suppressHydrationWarning>{formatLongDay(day)}</h3>
      <ul className={classes.list}>
        {changes.map((row) => (
          <Change
            key={`${row.seen_at} ${row.change} ${row.item_type} ${row.item_id ?? row.name} ${row.artists} ${row.playlist_id}`}
            row={row}
          />
        ))}
      </ul>
    </section>
  ))
}

/** What was added and removed, by day, newest first. */
export const listChanges: DrawingKind<ListChangeRow> = {
  picture: (rows, limit) => <Days rows={rows.slice(0, limit)} />,
  summary(rows) {
    const count = (change: string) => formatNumber(rows.filter((row) => row.change === change).length)
    return `${count('added')} added, ${count('removed')} removed.`
  },
  columns: (rows) => [
    { header: 'Seen', cell: ({ seen_at }) => <DateOf at={seen_at} /> },
    { header: 'Change', cell: (row) => (row.change === 'first' ? firstText(row) : row.change) },
    { header: 'Name', cell: (row) => row.change !== 'first' && <Item row={row} /> },
    { header: 'Artists', cell: ({ artists }) => artists ?? '' },
    ...(rows.some(({ playlist }) => playlist)
      ? [{ header: 'Playlist', cell: ({ playlist }: ListChangeRow) => playlist ?? '' }]
      : []),
  ],
  placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 8)} rowHeight={ROW_HEIGHT} />,
}
