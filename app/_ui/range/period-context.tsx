'use client'

import { usePathname, useSearchParams } from 'next/navigation'
import { createContext, type MouseEvent, type ReactNode, use, useEffect, useState } from 'react'
import { MINUTE } from '#lib/core/durations.ts'
import {
  type Calendar,
  type DateRange,
  dayIn,
  PERIOD_PARAMS,
  type Period,
  type PeriodParams,
  type PeriodProblem,
  type PeriodSelection,
  paramsOf,
  readSelection,
  resolveComparison,
  resolvePeriod,
} from '#lib/core/period.ts'

interface Range {
  calendar: Calendar
  /** Selected if the address says nothing. */
  defaults: PeriodSelection
}

const RangeContext = createContext<Range | null>(null)

/** The period of a page, for its range control and its charts. The page gets `range` from `pagePeriod`. */
export function PeriodProvider({ range, children }: { range: Range; children: ReactNode }) {
  const today = useToday(range.calendar)
  return <RangeContext value={{ ...range, calendar: { ...range.calendar, today } }}>{children}</RangeContext>
}

/** The server's day, until it is over while the page is open. */
function useToday({ zone, today }: Calendar): string {
  const [seen, setSeen] = useState(today)
  useEffect(() => {
    const update = () => setSeen(dayIn(zone, new Date()))
    const timer = setInterval(update, MINUTE)
    document.addEventListener('visibilitychange', update)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', update)
    }
  }, [zone])
  return seen > today ? seen : today
}

interface PeriodState {
  period: Period
  /** The days to compare with; null without comparison. */
  compared: DateRange | null
  /** Query parameters for `useEndpoint`; presets stay presets, so that charts move on at midnight. */
  query: PeriodParams
  selection: PeriodSelection
  calendar: Calendar
  /** What in the address could not be used. */
  problems: PeriodProblem[]
  /** The attributes of a link that selects something else on this page. */
  linkTo: (change: Partial<PeriodSelection>) => { href: string; onClick: (event: MouseEvent) => void }
  select: (change: Partial<PeriodSelection>) => void
}

/** The period in the address. Selecting another one changes the address without loading the page again; back works. */
export function usePeriod(): PeriodState {
  const range = use(RangeContext)
  if (!range) throw new Error('usePeriod needs a PeriodProvider above it')
  const { calendar, defaults } = range
  const pathname = usePathname()
  const searchParams = useSearchParams()
  const { selection, problems } = readSelection(readParams(searchParams), calendar, defaults)
  const period = resolvePeriod(selection.period, calendar)

  const hrefOf = (change: Partial<PeriodSelection>) =>
    `${pathname}?${withPeriod(searchParams, paramsOf({ ...selection, ...change }))}`
  const select = (change: Partial<PeriodSelection>) => window.history.pushState(null, '', hrefOf(change))
  return {
    period,
    compared: resolveComparison(period, selection.compare, calendar),
    query: paramsOf(selection),
    selection,
    calendar,
    problems,
    linkTo: (change) => ({
      href: hrefOf(change),
      onClick: (event) => {
        // Other clicks open a tab or window, which the browser does by itself.
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
        event.preventDefault()
        select(change)
      },
    }),
    select,
  }
}

/** As the server reads them: a parameter that appears twice counts as absent. */
function readParams(searchParams: URLSearchParams): PeriodParams {
  const params: PeriodParams = {}
  for (const name of PERIOD_PARAMS) {
    const [value, ...others] = searchParams.getAll(name)
    if (others.length === 0) params[name] = value
  }
  return params
}

/** The other parameters stay, but a cursor belongs to the old period. */
function withPeriod(searchParams: URLSearchParams, params: PeriodParams): URLSearchParams {
  const changed = new URLSearchParams(searchParams)
  for (const name of [...PERIOD_PARAMS, 'cursor']) changed.delete(name)
  for (const [name, value] of Object.entries(params)) if (value !== undefined) changed.set(name, value)
  return changed
}
