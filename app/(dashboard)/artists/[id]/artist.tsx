'use client'

import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { nameOf } from '#app/_ui/draw/cells.ts'
import { formatCount } from '#app/_ui/format.ts'
import { Hero } from '#app/_ui/music/hero.tsx'
import { heardFacts } from '#app/_ui/music/listening-panels.tsx'
import { MusicView } from '#app/_ui/music/music-view.tsx'
import { Columns } from '#app/_ui/panel.tsx'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { type Artist, getArtist } from '#lib/api/client.ts'
import { CHARTS } from './charts.ts'

function ArtistHero({ artist }: { artist: Artist }) {
  const { genres, songs, albums, isFollowed, listening } = artist
  return (
    <Hero
      kind="Artist"
      name={nameOf(artist)}
      artwork={artist.artwork}
      url={artist.url}
      facts={[
        genres,
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
  const charts = useCharts(CHARTS, { ...period, artist: id })
  return (
    <MusicView
      kind="artists"
      query={artist}
      charts={charts}
      isRanked
      hero={(found) => <ArtistHero artist={found} />}
      lists={
        <Columns>
          <ChartPanel chart="songs" query={charts} />
          <ChartPanel chart="albums" query={charts} />
        </Columns>
      }
    />
  )
}
