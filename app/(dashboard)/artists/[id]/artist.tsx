'use client'

import { nameOf } from '#app/_ui/draw/cells.ts'
import { formatCount } from '#app/_ui/format.ts'
import { GenreEditor } from '#app/_ui/genres/genre-editor.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Hero } from '#app/_ui/music/hero.tsx'
import { heardFacts } from '#app/_ui/music/listening-panels.tsx'
import { MusicView } from '#app/_ui/music/music-view.tsx'
import { PagedPanel } from '#app/_ui/music/paged-panel.tsx'
import { Columns } from '#app/_ui/panel.tsx'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { type Artist, getArtist } from '#lib/api/client.ts'
import { CHARTS } from './charts.ts'

function ArtistHero({ artist }: { artist: Artist }) {
  const { id, genres, genreSource, songs, albums, isFollowed, listening } = artist
  const { demo } = useMe()
  return (
    <Hero
      kind="Artist"
      name={nameOf(artist)}
      artwork={artist.artwork}
      url={artist.url}
      facts={[
        <GenreEditor
          key="genres"
          artistId={id}
          name={nameOf(artist)}
          genres={genres?.split(', ') ?? []}
          source={genreSource}
          isSimulated={demo}
        />,
        formatCount(songs, 'song'),
        formatCount(albums, 'album'),
        isFollowed && 'Followed',
        ...heardFacts(listening),
      ]}
    />
  )
}

/** One artist. */
export function ArtistView({ id }: { id: string }) {
  const { query: period } = usePeriod()
  const artist = useEndpoint(getArtist, { params: { id }, query: period as object })
  const params = { ...period, artist: id }
  const charts = useCharts(CHARTS, params)
  return (
    <MusicView
      kind="artists"
      query={artist}
      charts={charts}
      params={params}
      isRanked
      hero={(found) => <ArtistHero artist={found} />}
      lists={
        <Columns>
          <PagedPanel chart="songs" query={charts} params={params} />
          <PagedPanel chart="albums" query={charts} params={params} />
        </Columns>
      }
    />
  )
}
