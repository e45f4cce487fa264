'use client'

import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { CountingNote } from '#app/_ui/counting/counting-note.tsx'
import { Link } from '#app/_ui/link.tsx'
import { ListControls, ListPages, useListParams } from '#app/_ui/list-controls.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { CoverageNote } from '#app/_ui/range/coverage-note.tsx'
import { NothingPlayed } from '#app/_ui/range/nothing-played.tsx'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import { RangeControl } from '#app/_ui/range/range-control.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { GENRE_SOURCES, type List, OWN_CHARTS, ownCharts, RANK_LINES } from './charts.ts'
import { OwnGenres } from './own-genres.tsx'
import { TopTabs, titleOf } from './tabs.tsx'
import classes from './top-list.module.css'

const SORTS = [
  { value: 'plays', label: 'Most plays' },
  { value: 'minutes', label: 'Most minutes' },
  { value: 'name', label: 'Name' },
  { value: 'first', label: 'First heard, newest first' },
]

const EMPTY_GENRES =
  'No genres are known for what you played in this period. Add some below, or let MusicBrainz fill them in.'

/** Songs, artists, albums or genres by the listener's own plays in a period. @param genre only its artists */
export function OwnList({ what, genre }: { what: List; genre?: string | undefined }) {
  const { query, period, compared } = usePeriod()
  const chart = OWN_CHARTS[what]
  const charts = useCharts(ownCharts(what, genre), { ...query, ...useListParams(), what, ...(genre ? { genre } : {}) })
  const kept = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
  const isGenres = what === 'genres'
  const isEmbedded = useMe().serving === 'embedded'
  const list = charts.data?.charts[0]
  const hasNoGenres = isGenres && list?.rows.length === 0 && !list.preparing && !list.params.search
  return (
    <>
      <PageHeader title={titleOf(what)}>
        <RangeControl />
      </PageHeader>
      <CoverageNote range={period} compared={compared} />
      <TopTabs what={what} by="plays" query={kept.toString()} />
      <CountingNote />
      {genre && (
        <p className={classes.filter}>
          Artists in the genre “{genre}”. <Link href={`/top/artists?${kept}`}>Show all artists</Link>
        </p>
      )}
      {!genre && !hasNoGenres && (
        <ChartPanel chart={RANK_LINES} title={`Top 10 ${titleOf(what).slice(4)} over time`} query={charts} />
      )}
      {!hasNoGenres && <ListControls sorts={isGenres ? SORTS.slice(0, 3) : SORTS} />}
      <ChartPanel chart={chart} query={charts} empty={isGenres ? EMPTY_GENRES : <NothingPlayed />} />
      <ListPages list={list} />
      {isGenres && (
        <>
          <ChartPanel chart={GENRE_SOURCES} query={charts} empty={<NothingPlayed />} />
          {/* The listener's own genres are in the built-in warehouse. */}
          {isEmbedded && <OwnGenres />}
        </>
      )}
    </>
  )
}
