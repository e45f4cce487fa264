import { Artwork } from '#app/_ui/artwork.tsx'
import { nameOf } from '#app/_ui/draw/cells.ts'
import { formatCount, listeningTime } from '#app/_ui/format.ts'
import { MusicLink } from '#app/_ui/music-link.tsx'
import type { EntityKind, OwnRankingRow } from '#lib/charts/chart.ts'
import classes from './recap.module.css'

/** A square of pictures; fewer make a smaller one. */
const MOSAIC = [9, 4, 1]
const TILE = 76
const PICTURE = 112

type Row = OwnRankingRow & Record<string, unknown>

/** The covers of the albums that were played most. */
export function Mosaic({ albums }: { albums: OwnRankingRow[] }) {
  const pictured = (albums as Row[]).filter(({ artwork }) => artwork)
  const count = MOSAIC.find((one) => one <= pictured.length)
  if (!count) return null
  return (
    <ul
      className={classes.mosaic}
      style={{ gridTemplateColumns: `repeat(${Math.sqrt(count)}, auto)` }}
      aria-label="Most played albums"
    >
      {pictured.slice(0, count).map((album) => (
        <li key={String(album.album_id)} title={nameOf(album)}>
          <MusicLink kind="albums" id={String(album.album_id)}>
            <Artwork src={album.artwork} name={nameOf(album)} size={(3 * TILE) / Math.sqrt(count)} />
            <span className={classes.hidden}>{nameOf(album)}</span>
          </MusicLink>
        </li>
      ))}
    </ul>
  )
}

interface FavoriteProps {
  title: string
  kind: EntityKind
  id: unknown
  row: OwnRankingRow
}

function Favorite({ title, kind, id, row }: FavoriteProps) {
  const time = listeningTime(row.minutes)
  return (
    <section className={classes.favorite} aria-label={title}>
      <Artwork src={row.artwork} name={nameOf(row)} size={PICTURE} />
      <div className={classes.favoriteText}>
        <p className={classes.kicker}>{title}</p>
        <p className={classes.favoriteName} dir="auto">
          <MusicLink kind={kind} id={id === undefined ? null : String(id)}>
            {nameOf(row)}
          </MusicLink>
        </p>
        {row.artists && (
          <p className={classes.favoriteArtists} dir="auto">
            {row.artists}
          </p>
        )}
        <p className={classes.note}>
          {formatCount(row.plays, 'play')}, {time.value} {time.unit}
        </p>
      </div>
    </section>
  )
}

interface Props {
  song: OwnRankingRow | undefined
  artist: OwnRankingRow | undefined
  album: OwnRankingRow | undefined
  soFar: boolean
}

/** What was played most. */
export function Favorites({ song, artist, album, soFar }: Props) {
  const of = soFar ? ' so far' : ' of the year'
  return (
    <div className={classes.favorites}>
      {artist && <Favorite title={`Artist${of}`} kind="artists" id={(artist as Row).artist_id} row={artist} />}
      {song && <Favorite title={`Song${of}`} kind="tracks" id={(song as Row).track_id} row={song} />}
      {album && <Favorite title={`Album${of}`} kind="albums" id={(album as Row).album_id} row={album} />}
    </div>
  )
}
