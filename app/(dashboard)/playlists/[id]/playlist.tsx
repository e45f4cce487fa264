'use client'

import { Artwork } from '#app/_ui/artwork.tsx'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { nameOf } from '#app/_ui/draw/cells.ts'
import { entriesText } from '#app/_ui/draw/playlist-cards.tsx'
import { DateOf } from '#app/_ui/draw/saved-list.tsx'
import { formatCount, formatDuration } from '#app/_ui/format.ts'
import { ListControls, ListPages, useListParams } from '#app/_ui/list-controls.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import type { PlaylistRow } from '#lib/charts/chart.ts'
import { CHANGES, ITEMS, PLAYLISTS } from '../charts.ts'
import { ViewTabs } from '../view-tabs.tsx'
import classes from './playlist.module.css'

const PAGE_SIZE = 100

const SORTS = [
  { value: 'position', label: 'Playlist order' },
  { value: 'added', label: 'Newest first' },
  { value: 'plays', label: 'Most plays' },
  { value: 'name', label: 'Name' },
]

type Row = PlaylistRow & { description: string | null; collaborative: boolean | null }

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'", '#x2F': '/' }

/** Spotify sends descriptions as HTML. */
function plainText(html: string): string {
  return html.replaceAll(/<[^>]*>/g, '').replaceAll(/&(\w+|#\w+);/g, (text, name: string) => ENTITIES[name] ?? text)
}

function Head({ row, length }: { row: Row; length: number | null | undefined }) {
  const facts = [
    entriesText(row),
    length ? formatDuration(length) : '',
    row.plays ? formatCount(row.plays, 'own play') : '',
    row.collaborative ? 'collaborative' : '',
  ]
  return (
    <section className={classes.head} aria-label="About this playlist">
      <Artwork src={row.artwork} name={nameOf(row)} size={112} />
      <div className={classes.text}>
        {row.owner && <p>by {row.owner}</p>}
        {row.description && <p className={classes.dimmed}>{plainText(row.description)}</p>}
        <p className={classes.dimmed}>{facts.filter(Boolean).join(' · ')}</p>
        {row.changed_at && (
          <p className={classes.dimmed}>
            last changed <DateOf at={row.changed_at} />
          </p>
        )}
      </div>
    </section>
  )
}

function Contents({ id, row }: { id: string; row: Row | undefined }) {
  const params = useListParams()
  const charts = useCharts(ITEMS, { playlist: id, ...params })
  const list = charts.data?.charts[0]
  const first = list?.rows[0] as { found: number; total_ms: number | null } | undefined
  return (
    <>
      {row && <Head row={row} length={params.search ? null : first?.total_ms} />}
      <ListControls sorts={SORTS} />
      <ChartPanel chart="playlist-items" query={charts} limit={PAGE_SIZE} />
      <ListPages list={list} found={first?.found} />
    </>
  )
}

function Changes({ id, row }: { id: string; row: Row | undefined }) {
  const { cursor } = useListParams()
  const charts = useCharts(CHANGES, { playlist: id, cursor })
  return (
    <>
      {row && <Head row={row} length={null} />}
      <ChartPanel chart="playlist-changes" query={charts} />
      <ListPages list={charts.data?.charts[0]} />
    </>
  )
}

/** One playlist: its contents in order, with own plays, or what changed in it. */
export function Playlist({ id, view }: { id: string; view: 'list' | 'changes' }) {
  const playlist = useCharts(PLAYLISTS, { playlist: id })
  const row = playlist.data?.charts[0]?.rows[0] as Row | undefined
  return (
    <>
      <PageHeader title={row ? nameOf(row) : 'Playlist'}>
        <ViewTabs page={`/playlists/${encodeURIComponent(id)}`} view={view} list="Songs" />
      </PageHeader>
      {view === 'list' ? <Contents id={id} row={row} /> : <Changes id={id} row={row} />}
    </>
  )
}
