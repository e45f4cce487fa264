import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount, formatNumber } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { isActive, useMe } from '#app/_ui/me.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { PlaylistRow } from '#lib/charts/chart.ts'
import { nameOf } from './cells.ts'
import type { DrawingKind } from './drawing.ts'
import classes from './playlist-cards.module.css'
import { DateOf, WithheldNote } from './saved-list.tsx'

const CARD_HEIGHT = 112

/** How many entries a playlist has: those that can be listed, otherwise as many as Spotify says. */
export function entriesText({ items, listed }: Pick<PlaylistRow, 'items' | 'listed'>): string {
  const count = listed ?? items
  return count === null ? '' : formatCount(count, 'song')
}

function Card({ row }: { row: PlaylistRow }) {
  const isSyncing = isActive(useMe().lastRun?.state)
  return (
    <li className={classes.card}>
      <Artwork src={row.artwork} name={nameOf(row)} size={80} />
      <span className={classes.text}>
        <Link className={classes.name} href={`/playlists/${encodeURIComponent(row.playlist_id)}`}>
          {nameOf(row)}
        </Link>
        {row.owner && <span className={classes.dimmed}>by {row.owner}</span>}
        <span className={classes.dimmed}>
          {[entriesText(row), row.plays ? formatCount(row.plays, 'play') : ''].filter(Boolean).join(' · ')}
        </span>
        <span className={classes.dimmed}>
          {row.withheld ? (
            <WithheldNote />
          ) : row.changed_at ? (
            <>
              changed <DateOf at={row.changed_at} />
            </>
          ) : (
            row.hidden && !isSyncing && 'songs not shown by Spotify'
          )}
        </span>
      </span>
    </li>
  )
}

/** Playlists as cards with their cover. */
export const playlistCards: DrawingKind<PlaylistRow> = {
  picture: (rows, limit) => (
    <ul className={classes.cards}>
      {rows.slice(0, limit).map((row) => (
        <Card key={row.playlist_id} row={row} />
      ))}
    </ul>
  ),
  summary: (rows) => formatCount(rows.length, 'playlist'),
  columns: () => [
    {
      header: 'Name',
      cell: (row) => <Link href={`/playlists/${encodeURIComponent(row.playlist_id)}`}>{nameOf(row)}</Link>,
    },
    { header: 'Owner', cell: ({ owner }) => owner ?? '' },
    { header: 'Songs', numeric: true, cell: ({ items, listed }) => formatNumber(listed ?? items ?? 0) },
    { header: 'Plays', numeric: true, cell: ({ plays }) => (plays === null ? '' : formatNumber(plays)) },
    { header: 'Changed', cell: ({ changed_at }) => changed_at && <DateOf at={changed_at} /> },
  ],
  placeholder: () => <RowsPlaceholder rows={6} rowHeight={CARD_HEIGHT} />,
}
