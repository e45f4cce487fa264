import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { MusicLink } from '#app/_ui/music-link.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { PlayRow } from '#lib/charts/chart.ts'
import { nameOf } from './cells.ts'
import type { DrawingKind } from './drawing.ts'
import classes from './plays.module.css'

const ROW_HEIGHT = 52

function Plays({ rows }: { rows: PlayRow[] }) {
  return (
    <ol className={classes.list}>
      {rows.map((row) => {
        const name = nameOf(row)
        const { played_at: playedAt } = row
        return (
          <li key={`${playedAt} ${name}`} className={classes.row}>
            <Artwork src={row.artwork} name={name} size={36} />
            <span className={classes.text}>
              <span className={classes.name}>
                <MusicLink kind="tracks" id={row.track_id}>
                  {name}
                </MusicLink>
              </span>
              <span className={classes.artists}>{row.artists}</span>
            </span>
            <span className={classes.time}>
              <Moment at={playedAt} />
            </span>
          </li>
        )
      })}
    </ol>
  )
}

export const plays: DrawingKind<PlayRow> = {
  picture: (rows, limit) => <Plays rows={rows.slice(0, limit)} />,
  summary: ([last, ...others]) =>
    last ? `${formatCount(others.length + 1, 'play')}. The last one is ${nameOf(last)}.` : '',
  columns: () => [
    { header: 'Played', cell: (row) => <Moment at={row.played_at} as="exact" /> },
    {
      header: 'Song',
      cell: (row) => (
        <MusicLink kind="tracks" id={row.track_id}>
          {nameOf(row)}
        </MusicLink>
      ),
    },
    { header: 'Artists', cell: (row) => row.artists ?? '' },
  ],
  placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 10)} rowHeight={ROW_HEIGHT} />,
}
