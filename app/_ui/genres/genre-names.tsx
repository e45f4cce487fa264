import { Link } from '#app/_ui/link.tsx'
import type { GenreSource } from '#lib/charts/chart.ts'
import classes from './genre-names.module.css'

export interface KnownGenres {
  genres: string[]
  source: GenreSource | null
}

const SOURCES: Record<GenreSource, string> = {
  own: 'your own',
  spotify: 'from Spotify',
  musicbrainz: 'from MusicBrainz',
}

/** The genres of an artist as links, with their source. @param isSimulated in the demo, MusicBrainz is */
export function GenreNames({ genres, source, isSimulated }: KnownGenres & { isSimulated: boolean }) {
  if (genres.length === 0)
    return <span className={classes.none}>{source === 'own' ? 'No genre (your own)' : 'No genre'}</span>
  return (
    <span>
      {genres.map((genre, at) => (
        <span key={genre}>
          {at > 0 && ', '}
          <Link href={`/top/artists?${new URLSearchParams({ genre, period: 'all' })}`}>{genre}</Link>
        </span>
      ))}
      {source && (
        <span className={classes.source}>
          {' '}
          · {SOURCES[source]}
          {source === 'musicbrainz' && isSimulated && ' (simulated)'}
        </span>
      )}
    </span>
  )
}
