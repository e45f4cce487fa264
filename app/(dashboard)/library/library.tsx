'use client'

import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { formatCount } from '#app/_ui/format.ts'
import { ListControls, ListPages, useListParams } from '#app/_ui/list-controls.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { FIGURES, LISTS, type Tab } from './charts.ts'
import classes from './library.module.css'
import { figureOf, LibraryTabs } from './library-tabs.tsx'

const PAGE_SIZE = 100

const [ADDED, NAME, ARTIST, PLAYS] = [
  { value: 'added', label: 'Newest first' },
  { value: 'name', label: 'Name' },
  { value: 'artist', label: 'Artist' },
  { value: 'plays', label: 'Most plays' },
]

const SORTS = {
  songs: [ADDED, NAME, ARTIST, PLAYS],
  albums: [ADDED, NAME, ARTIST, PLAYS],
  artists: [NAME, PLAYS],
}

const NOUNS: Record<Tab, string> = { songs: 'song', albums: 'album', artists: 'artist' }

/** Liked songs, saved albums or followed artists, with own plays. */
export function Library({ tab }: { tab: Tab }) {
  const params = useListParams()
  const list = useCharts([LISTS[tab]], params)
  const figures = useCharts(FIGURES)
  const response = list.data?.charts[0]
  const found = response?.rows[0]?.found as number | undefined
  const withheld = figureOf(figures.data, tab)?.withheld ?? 0
  return (
    <>
      <PageHeader title="Library" />
      <LibraryTabs tab={tab} view="list" data={figures.data} />
      <ListControls sorts={SORTS[tab]} />
      {params.search && response && (
        <p className={classes.note} role="status">
          {formatCount(found ?? 0, NOUNS[tab])} found.
        </p>
      )}
      {withheld > 0 && (
        <p className={classes.note}>
          Spotify lists {formatCount(withheld, NOUNS[tab])} without details at the moment. They stay here as they were
          and are marked “unavailable”.
        </p>
      )}
      <ChartPanel chart={LISTS[tab]} query={list} limit={PAGE_SIZE} />
      <ListPages list={response} found={found} />
    </>
  )
}
