'use client'

import { useEffect, useState } from 'react'
import { DAY } from '#lib/core/durations.ts'
import { formatDate, formatMoment, formatRelative, formatTime } from './format.ts'
import { useZone } from './me.tsx'

const TICK_MS = 20_000

/** The current time in milliseconds since 1970, updated while the page is open. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}

interface Props {
  /** ISO 8601 UTC */
  at: string
  as?: 'relative' | 'time' | 'exact'
}

/** Counting more days than this is harder to read than a date. */
const MAX_RELATIVE_MS = 30 * DAY

/** A point in time in the listener's zone, with the exact one as its title. */
export function Moment({ at, as = 'relative' }: Props) {
  const zone = useZone()
  const now = useNow()
  const exact = formatMoment(at, zone)
  const isFar = Math.abs(Date.parse(at) - now) > MAX_RELATIVE_MS
  const text =
    as === 'exact'
      ? exact
      : as === 'time'
        ? formatTime(at, zone)
        : isFar
          ? formatDate(at, zone)
          : formatRelative(at, now)
  // Server and browser render at different moments, maybe in different zones.
  return (
    <time dateTime={at} title={`${exact} (${zone})`} suppressHydrationWarning>
      {text}
    </time>
  )
}
