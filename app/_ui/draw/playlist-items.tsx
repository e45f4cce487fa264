import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount, formatNumber, formatTrackLength } from '#app/_ui/format.ts'
import { MusicLink } from '#app/_ui/music-link.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { PlaylistItemRow } from '#lib/charts/chart.ts'
import { nameOf } from './cells.ts'
import type { DrawingKind } from './drawing.ts'
import classes from './playlist-items.module.css'
import { DateOf, WithheldNote } from './saved-list.tsx'

const ROW_HEIGHT = 56

function Item({ row }: { row: PlaylistItemRow }) {
  return (
    <li className={classes.row}>
      <span className={classes.position}>{row.position}</span>
      <Artwork src={row.artwork} name={nameOf(row)} />
      <span className={classes.text}>
        <span className={classes.name}>
          <MusicLink kind="tracks" id={row.track_id}>
            {nameOf(row)}
          </MusicLink>
          {row.withheld && <WithheldNote />}
        </span>
        <span className={classes.dimmed}>
          {row.kind !== 'song' && <span className={classes.kind}>{row.kind}</span>}
          <MusicLink kind="artists" id={row.artist_id}>
            {row.artists ?? ''}
          </MusicLink>
        </span>
      </span>
      <span className={classes.plays} data-none={!row.plays}>
        {row.plays === null ? '' : row.plays === 0 ? 'no plays' : formatCount(row.plays, 'play')}
      </span>
      <span className={classes.added}>{row.added_at && <DateOf at={row.added_at} />}</span>
      <span className={classes.length}>{row.duration_ms !== null && formatTrackLength(row.duration_ms)}</span>
    </li>
  )
}

/** The contents of a playlist with the listener's own plays. A playlist can contain a song twice. */
export const playlistItems: DrawingKind<PlaylistItemRow> = {
  picture: (rows, limit) => (
    <ol className={classes.list}>
      {rows.slice(0, limit).map((row) => (
        <Item key={row.position} row={row} />
      ))}
    </ol>
  ),
  summary: (rows) => `${formatCount(rows.length, 'entry', 'entries')} are listed.`,
  columns: () => [
    { header: '#', numeric: true, cell: ({ position }) => position },
    {
      header: 'Name',
      cell: (row) => (
        <MusicLink kind="tracks" id={row.track_id}>
          {nameOf(row)}
        </MusicLink>
      ),
    },
    { header: 'Artists or show', cell: ({ artists }) => artists ?? '' },
    { header: 'Type', cell: ({ kind }) => kind },
    { header: 'Plays', numeric: true, cell: ({ plays }) => (plays === null ? '' : formatNumber(plays)) },
    { header: 'Added', cell: ({ added_at }) => added_at && <DateOf at={added_at} /> },
    {
      header: 'Length',
      numeric: true,
      cell: ({ duration_ms }) => (duration_ms === null ? '' : formatTrackLength(duration_ms)),
    },
  ],
  placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 20)} rowHeight={ROW_HEIGHT} />,
}
