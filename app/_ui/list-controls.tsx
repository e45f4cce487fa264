'use client'

import { CloseButton, NativeSelect, TextInput } from '@mantine/core'
import { usePathname, useSearchParams } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import type { ChartResponse } from '#lib/api/client.ts'
import { formatNumber } from './format.ts'
import { Link } from './link.tsx'
import classes from './list-controls.module.css'
import { LIST_PARAMS } from './list-params.ts'

/** Order, search and page of the list, from the address. */
export function useListParams(): Record<string, string | undefined> {
  const searchParams = useSearchParams()
  return Object.fromEntries(LIST_PARAMS.map((name) => [name, searchParams.get(name) || undefined]))
}

/** The address of this page with other parameters; a cursor belongs to the list as it was. */
export function useAddress() {
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

interface ControlsProps {
  /** The default first; none if there is only one order. */
  sorts?: { value: string; label: string }[]
  /** Further controls. */
  children?: ReactNode
}

/** Search and order of a list, kept in the address. */
export function ListControls({ sorts = [], children }: ControlsProps) {
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
      {sorts.length > 1 && (
        <NativeSelect
          aria-label="Order"
          data={sorts}
          value={searchParams.get('sort') ?? sorts[0]?.value ?? ''}
          onChange={(event) => go({ sort: event.currentTarget.value })}
        />
      )}
      {children}
    </div>
  )
}

interface PagesProps {
  list: ChartResponse | undefined
  /** How many rows all pages have together, if the list says so. */
  found?: number | undefined
}

/** Which rows are shown, and links to the first and the next page of a list. */
export function ListPages({ list, found }: PagesProps) {
  const cursor = useSearchParams().get('cursor')
  const addressOf = useAddress()
  if (!list) return null
  const first = (list.offset ?? 0) + 1
  const last = first + list.rows.length - 1
  return (
    <nav className={classes.pages} aria-label="Pages of this list">
      {found !== undefined && list.rows.length > 0 && (cursor || list.next) && (
        <span className={classes.range}>
          {formatNumber(first)}–{formatNumber(last)} of {formatNumber(found)}
        </span>
      )}
      {cursor && <Link href={addressOf({})}>First page</Link>}
      {list.next && <Link href={addressOf({ cursor: list.next })}>Next page</Link>}
    </nav>
  )
}
