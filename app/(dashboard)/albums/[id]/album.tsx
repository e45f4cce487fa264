'use client'

import { Fragment } from 'react'
import { nameOf } from '#app/_ui/draw/cells.ts'
import { formatCount } from '#app/_ui/format.ts'
import { GenreNames } from '#app/_ui/genres/genre-names.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Credits, Hero } from '#app/_ui/music/hero.tsx'
import { heardFacts } from '#app/_ui/music/listening-panels.tsx'
import { MusicView } from '#app/_ui/music/music-view.tsx'
import { PagedPanel } from '#app/_ui/music/paged-panel.tsx'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { type Album, getAlbum } from '#lib/api/client.ts'
import { CHARTS } from './charts.ts'

/** Spotify calls EPs singles. */
const KINDS: Record<string, string> = { single: 'Single or EP', compilation: 'Compilation' }

/** The songs of an album that are known here, and how many it has. */
function songsText({ songs, totalTracks }: Album): string {
  if (totalTracks === null || totalTracks <= songs) return formatCount(songs, 'song')
  return `${songs} of its ${totalTracks} songs known`
}

function AlbumHero({ album }: { album: Album }) {
  const { artists, kind, released, label, genres, savedAt, listening } = album
  const { demo } = useMe()
  return (
    <Hero
      kind={(kind && KINDS[kind]) || 'Album'}
      name={nameOf(album)}
      artwork={album.artwork}
      url={album.url}
      credits={<Credits kind="artists" of={artists} />}
      facts={[
        released && `Released ${released.slice(0, 4)}`,
        label,
        songsText(album),
        ...genres.map((artist) => (
          <Fragment key={artist.id}>
            {genres.length > 1 && `${nameOf(artist)}: `}
            <GenreNames {...artist} isSimulated={demo} />
          </Fragment>
        )),
        savedAt && (
          <>
            Saved <Moment at={savedAt} as="exact" />
          </>
        ),
        ...heardFacts(listening),
      ]}
    />
  )
}

/** One album. */
export function AlbumView({ id }: { id: string }) {
  const { query: period } = usePeriod()
  const album = useEndpoint(getAlbum, { params: { id }, query: period as object })
  const params = { ...period, album: id }
  const charts = useCharts(CHARTS, params)
  return (
    <MusicView
      kind="albums"
      query={album}
      charts={charts}
      params={params}
      isRanked={false}
      hero={(found) => <AlbumHero album={found} />}
      lists={<PagedPanel chart="songs" query={charts} params={params} />}
    />
  )
}
