'use client'

import { nameOf } from '#app/_ui/draw/cells.ts'
import { formatCount, formatTrackLength } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { Credits, Hero } from '#app/_ui/music/hero.tsx'
import { heardFacts } from '#app/_ui/music/listening-panels.tsx'
import { MusicView } from '#app/_ui/music/music-view.tsx'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getTrack, type Track } from '#lib/api/client.ts'
import { CHARTS } from './charts.ts'
import { RecordingPanel } from './recording-panel.tsx'

function TrackHero({ track }: { track: Track }) {
  const { artists, genres, album, durationMs, explicit, released, likedAt, listening, countedTogether } = track
  return (
    <Hero
      kind="Song"
      name={nameOf(track)}
      artwork={track.artwork}
      url={track.url}
      credits={<Credits kind="artists" of={artists} />}
      facts={[
        album && (
          <>
            From <Credits kind="albums" of={[album]} />
          </>
        ),
        genres,
        released && `Released ${released.slice(0, 4)}`,
        durationMs && formatTrackLength(durationMs),
        explicit && 'Explicit',
        likedAt && (
          <>
            Liked <Moment at={likedAt} as="exact" />
          </>
        ),
        countedTogether.length > 0 && (
          <a href="#recording">Counts together with {formatCount(countedTogether.length, 'other id', 'other ids')}</a>
        ),
        ...heardFacts(listening),
      ]}
    />
  )
}

/** One song. */
export function TrackView({ id }: { id: string }) {
  const { query: period } = usePeriod()
  const track = useEndpoint(getTrack, { params: { id }, query: period as object })
  const params = { ...period, track: id }
  const charts = useCharts(CHARTS, params)
  return (
    <MusicView
      kind="tracks"
      query={track}
      charts={charts}
      params={params}
      isRanked
      hero={(found) => <TrackHero track={found} />}
      aside={(found) => <RecordingPanel track={found} />}
    />
  )
}
