'use client'

import { CloseButton, NativeSelect, TextInput } from '@mantine/core'
import { usePathname, useSearchParams } from 'next/navigation'
import { useState } from 'react'
import { ChartPanel } from '#app/_ui/chart-panel.tsx'
import { Link } from '#app/_ui/link.tsx'
import { usePeriod } from '#app/_ui/range/period-context.tsx'
import { RangeControl } from '#app/_ui/range/range-control.tsx'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { useCharts } from '#app/_ui/use-charts.ts'
import { LIST_PARAMS, type List, OWN_CHARTS } from './charts.ts'
import { TopTabs, titleOf } from './tabs.tsx'
import classes from './top-list.module.css'

const SORTS = [
  { value: 'plays', label: 'Most plays' },
  { value: 'minutes', label: 'Most minutes' },
  { value: 'name', label: 'Name' },
  { value: 'first', label: 'First heard, newest first' },
]

/** The address of this page with other parameters; a cursor belongs to the list as it was. */
function useAddress() {
  const pathname = usePathname()
  const searchParams = useSearchParams()
  return (change: Record<string, string>) => {
    const params = new URLSearchParams(searchParams)
    params.delete('cursor')
    for (const [name, value] of Object.entries(change)) {
      if (value) params.set(name, value)
      else params.delete(name)
    }
    return `${pathname}?${params}`
  }
}

/** Search and order of the list, kept in the address. */
function ListControls() {
  const searchParams = useSearchParams()
  const addressOf = useAddress()
  const [search, setSearch] = useState(searchParams.get('search') ?? '')
  const go = (change: Record<string, string>) => window.history.replaceState(null, '', addressOf(change))
  const change = (value: string) => {
    setSearch(value)
    go({ search: value })
  }
  return (
    <div className={classes.controls}>
      <TextInput
        aria-label="Search this list"
        placeholder="Search this list"
        type="search"
        maxLength={200}
        value={search}
        onChange={(event) => change(event.currentTarget.value)}
        rightSection={search && <CloseButton aria-label="Clear the search" onClick={() => change('')} />}
      />
      <NativeSelect
        aria-label="Order"
        data={SORTS}
        value={searchParams.get('sort') ?? 'plays'}
        onChange={(event) => go({ sort: event.currentTarget.value })}
      />
    </div>
  )
}

/** Songs, artists or albums by the listener's own plays in a period. */
export function OwnList({ what }: { what: List }) {
  const { query } = usePeriod()
  const searchParams = useSearchParams()
  const addressOf = useAddress()
  const chart = OWN_CHARTS[what]
  const list = Object.fromEntries(LIST_PARAMS.map((name) => [name, searchParams.get(name) || undefined]))
  const charts = useCharts([chart], { ...query, ...list })
  const next = charts.data?.charts[0]?.next
  const kept = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
  return (
    <>
      <PageHeader title={titleOf(what)}>
        <RangeControl />
      </PageHeader>
      <TopTabs what={what} by="plays" query={kept.toString()} />
      <ListControls />
      <ChartPanel chart={chart} query={charts} />
      <nav className={classes.pages} aria-label="Pages of this list">
        {list.cursor && <Link href={addressOf({})}>First page</Link>}
        {next && <Link href={addressOf({ cursor: next })}>Next page</Link>}
      </nav>
    </>
  )
}
