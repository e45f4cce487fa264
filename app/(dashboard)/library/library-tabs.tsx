import { formatNumber } from '#app/_ui/format.ts'
import { LinkTabs } from '#app/_ui/link-tabs.tsx'
import type { ChartsResponse } from '#lib/api/client.ts'
import { TABS, type Tab } from './charts.ts'
import classes from './library.module.css'

const LABELS: Record<Tab, string> = { songs: 'Liked songs', albums: 'Albums', artists: 'Artists' }

interface Figure {
  value: number
  withheld: number
}

/** How much is in a tab, as `library-figures` counts it. */
export function figureOf(data: ChartsResponse | undefined, tab: Tab): Figure | undefined {
  const rows = data?.charts.find(({ chart }) => chart === 'library-figures')?.rows
  return rows?.find(({ name }) => name === tab) as Figure | undefined
}

/** What is shown: songs, albums or artists, as they are or how they changed. */
export function LibraryTabs({
  tab,
  view,
  data,
}: {
  tab: Tab
  view: 'list' | 'changes'
  data: ChartsResponse | undefined
}) {
  const address = (to: Tab, shown: typeof view) => `/library?tab=${to}${shown === 'changes' ? '&view=changes' : ''}`
  const label = (to: Tab) => {
    const figure = figureOf(data, to)
    return figure ? `${LABELS[to]} ${formatNumber(figure.value)}` : LABELS[to]
  }
  return (
    <div className={classes.tabs}>
      <LinkTabs
        label="Library"
        tabs={TABS.map((to) => ({ label: label(to), href: address(to, view), isCurrent: to === tab }))}
      />
      <LinkTabs
        label="View"
        tabs={[
          { label: 'List', href: address(tab, 'list'), isCurrent: view === 'list' },
          { label: 'Added and removed', href: address(tab, 'changes'), isCurrent: view === 'changes' },
        ]}
      />
    </div>
  )
}
