import { Artwork } from '#app/_ui/artwork.tsx'
import { formatCount, formatTrackLength } from '#app/_ui/format.ts'
import { formatMovement, Movement } from '#app/_ui/movement.tsx'
import { MusicLink } from '#app/_ui/music-link.tsx'
import { RowsPlaceholder } from '#app/_ui/placeholder.tsx'
import type { RankingRow } from '#lib/charts/chart.ts'
import { nameOf } from './cells.ts'
import type { DrawingKind, TableColumn } from './drawing.ts'
import classes from './ranking.module.css'

const ROW_HEIGHT = 56

/** Rank change since the previous list; null is a new entry. */
function change({ rank, previous_rank: before }: RankingRow): number | null {
  return before === null ? null : before - rank
}

/** False on the first day, when there is no previous list to compare with. */
function hasPreviousList(rows: RankingRow[]): boolean {
  return rows.some((row) => change(row) !== null)
}

function Name({ row }: { row: RankingRow }) {
  return (
    <MusicLink kind={row.track_id === undefined ? 'artists' : 'tracks'} id={row.track_id ?? row.artist_id ?? null}>
      {nameOf(row)}
    </MusicLink>
  )
}

/** A ranked list: movement, artwork and name. Spotify gives no counts, so nothing else can be drawn. */
function Ranking({ rows, limit }: { rows: RankingRow[]; limit: number }) {
  const isCompared = hasPreviousList(rows)
  return (
    <ol className={classes.list}>
      {rows.slice(0, limit).map((row) => {
        const { rank, artists, album } = row
        return (
          <li key={rank} className={classes.row}>
            <span className={classes.rank}>{rank}</span>
            <span className={classes.movement}>{isCompared && <Movement change={change(row)} />}</span>
            <Artwork src={row.artwork} name={nameOf(row)} />
            <span className={classes.text}>
              <span className={classes.name}>
                <Name row={row} />
              </span>
              {artists && <span className={classes.artists}>{artists}</span>}
            </span>
            {album && <span className={classes.album}>{album}</span>}
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
  const newEntries = hasPreviousList(rows) ? rows.filter((row) => change(row) === null).length : 0
  return `${formatCount(rows.length, 'entry', 'entries')}. Number 1 is ${nameOf(first)}${artists ? ` by ${artists}` : ''}. New entries: ${newEntries}.`
}

const SONG_LENGTH: TableColumn<RankingRow> = {
  header: 'Song length',
  numeric: true,
  cell: ({ duration_ms: length }) => (length == null ? '' : formatTrackLength(length)),
}

function columns(rows: RankingRow[]): TableColumn<RankingRow>[] {
  const first = rows[0] ?? {}
  return [
    { header: 'Rank', numeric: true, cell: (row) => row.rank },
    ...(hasPreviousList(rows) ? [{ header: 'Change', cell: (row: RankingRow) => formatMovement(change(row)) }] : []),
    { header: 'Name', cell: (row) => <Name row={row} /> },
    ...('artists' in first ? [{ header: 'Artists', cell: (row: RankingRow) => row.artists ?? '' }] : []),
    ...('album' in first ? [{ header: 'Album', cell: (row: RankingRow) => row.album ?? '' }] : []),
    ...('duration_ms' in first ? [SONG_LENGTH] : []),
  ]
}

export const ranking: DrawingKind<RankingRow> = {
  picture: (rows, limit) => <Ranking rows={rows} limit={limit} />,
  summary,
  columns,
  placeholder: (limit) => <RowsPlaceholder rows={Math.min(limit, 10)} rowHeight={ROW_HEIGHT} />,
}
